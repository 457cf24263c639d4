"""python -m benchmarks: what is measured against its targets, by name."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import (
    crashes,
    determinism,
    discovering,
    figures,
    foretelling,
    ingest,
    membership,
    realdata,
    tuning,
    weeks,
)
from benchmarks.baselines import study

DATA = Path(__file__).parent / "data"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=[
            "all",
            "figures",
            "membership",
            "ingest",
            "determinism",
            "baselines",
            "crashes",
            "tuning",
            "realdata",
            "weeks",
            "foretelling",
            "discovering",
        ],
        default="all",
        help="all is figures, membership and ingest",
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each process is timed (default: 5)")
    parser.add_argument(
        "--only", nargs="+", choices=list(figures.GROUPS), help="figures: these groups (default: every one)"
    )
    parser.add_argument("--weeks", type=int, default=8, help="determinism: weekly runs (default: 8)")
    parser.add_argument(
        "--data", type=Path, default=DATA, help="where generated data lie (default: %(default)s)"
    )
    parser.add_argument(
        "--rows", type=int, default=5_000_000, help="ingest: rows of a file (default: 5 million)"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="baselines: simulated panels")
    parser.add_argument(
        "--accounts", type=int, default=100_000, help="baselines: accounts that T10 is timed on"
    )
    parser.add_argument("--kills", type=int, default=200, help="crashes: how many runs are killed")
    parser.add_argument("--calls", type=int, help="crashes: how many failures of each kind (default: all)")
    parser.add_argument(
        "--seconds", type=float, default=3600, help="weeks: it goes on the next time (default: 3600)"
    )
    given = parser.parse_args()
    match given.what:
        case "determinism":
            return determinism.run(given.weeks)
        case "baselines":
            return study.run(given.seeds, given.accounts)
        case "crashes":
            return crashes.run(given.kills, given.calls)
        case "foretelling":
            return foretelling.run()
        case "discovering":
            return discovering.run()
        case "realdata":
            return realdata.run()
        case "weeks":
            return weeks.run(given.data, given.seconds)
        case "tuning":
            return tuning.run()
        case "figures":
            return figures.run(given.data, given.rounds, given.only)
        case "membership":
            return membership.run()
        case "ingest":
            return ingest.run(given.data, given.rounds, given.rows)
        case _:
            done = figures.run(given.data, given.rounds, given.only) | membership.run()
            return done | ingest.run(given.data, given.rounds, given.rows)


if __name__ == "__main__":
    sys.exit(main())
