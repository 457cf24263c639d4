"""What is timed and what takes too long for the suite: `python -m benchmarks --help`."""
