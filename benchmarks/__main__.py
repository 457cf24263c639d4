"""python -m benchmarks: speed and memory, the membership scan, determinism; prints target and measured."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import determinism, membership, speed

DATA = Path(__file__).parent / "data"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=["all", "speed", "membership", "determinism"],
        default="all",
        help="all is speed and membership; determinism takes several minutes",
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each process is timed (default: 5)")
    parser.add_argument("--weeks", type=int, default=52, help="determinism: weekly runs (default: 52)")
    parser.add_argument(
        "--data", type=Path, default=DATA, help="where generated data lie (default: %(default)s)"
    )
    given = parser.parse_args()
    match given.what:
        case "determinism":
            return determinism.run(given.weeks)
        case "speed":
            return speed.run(given.data, given.rounds)
        case "membership":
            return membership.run()
        case _:
            return speed.run(given.data, given.rounds) | membership.run()


if __name__ == "__main__":
    sys.exit(main())
