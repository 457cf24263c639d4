"""What a run is given: its rules, its facts, and which account or file somebody means."""
