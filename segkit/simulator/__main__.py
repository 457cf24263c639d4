"""python -m segkit.simulator: write a simulated workspace, or raw events for benchmarks."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from segkit.simulator import Shares, simulate, write_events, write_workspace
from segkit.simulator.levels import LAST


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m segkit.simulator", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write; made if it is not there")
    parser.add_argument("--accounts", type=int, default=140)
    parser.add_argument("--weeks", type=int, default=130)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--last", type=date.fromisoformat, default=LAST, help="the last Sunday (default: %(default)s)"
    )
    parser.add_argument(
        "--median-events", type=float, default=60.0, help="events of a typical account in a week"
    )
    shares = Shares()
    for name, what in (
        ("declining", "accounts that decline"),
        ("recovering", "of the decliners, those that recover"),
        ("leaving", "of the other decliners, those that leave"),
    ):
        usual = getattr(shares, name)
        said = f"share of {what} (default: {usual})"
        parser.add_argument(f"--{name}", type=float, default=usual, metavar="SHARE", help=said)
    parser.add_argument(
        "--raw-events",
        type=int,
        metavar="N",
        help="write about N single events as weekly Parquet files instead",
    )
    given = parser.parse_args()
    if given.last.weekday() != 6:
        parser.error(f"--last must be a Sunday; {given.last} is a {given.last:%A}")
    sim = simulate(
        given.accounts,
        given.weeks,
        given.seed,
        last=given.last,
        median_events=given.median_events,
        shares=Shares(declining=given.declining, recovering=given.recovering, leaving=given.leaving),
    )
    if given.raw_events is None:
        write_workspace(sim, given.folder)
    else:
        write_events(sim, given.folder, events=given.raw_events)


if __name__ == "__main__":
    main()
