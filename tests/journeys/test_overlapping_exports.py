"""Vendors that only export the last 30 days: a file a week, every day in four or five of them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

from tests.cli.command import segkit

FIRST = date(2025, 8, 25)
FILES = 60
ACCOUNTS = 12
SETTINGS = """\
version: 1
name: Last 30 days
rules: rules.yaml
quiet_days: 0
sources:
  accounts: {{files: accounts.csv}}
  usage: {{files: "usage*.csv", delivery: {delivery}}}
definitions:
  login: {{events: [login]}}
"""
RULES = """\
version: 1
name: overlapping
segments:
  - name: at_risk
    enter:
      any:
        - events_28d.change at most -30%
        - logins_28d under 3
    enter_after: 2 weeks
    exit: events_28d.change at least -10%
    exit_after: 2 weeks
  - name: wide
    enter: features_28d at least 4
    enter_after: 2 weeks
  - name: active
    enter: active_days_28d at least 4
otherwise: needs_review
flags:
  - name: team
    enter: active_users_28d at least 3
"""


def events() -> list[tuple[date, str]]:
    """(day, line) of more than a year of use by twelve accounts, some of which fade."""
    rng = random.Random(30)
    rows = []
    for offset in range(30 + 7 * FILES):
        day = FIRST + timedelta(days=offset)
        for account in range(ACCOUNTS):
            fading = 1.0 if account % 8 < 5 else max(0.0, 1.2 - offset / 300)
            for _ in range(rng.choice((0, 0, 1, 2)) if rng.random() < fading else 0):
                event = rng.choice(("login", "click"))
                who = f"A{account},u{rng.randrange(4)}"
                line = f"{day}T{rng.randrange(24):02}:00:00,{who},{event},f{rng.randrange(6)}"
                rows.append((day, line))
    return rows


def workspace(folder: Path, delivery: str) -> Path:
    (folder / "exports").mkdir(parents=True)
    (folder / "segkit.yaml").write_text(SETTINGS.format(delivery=delivery))
    (folder / "rules.yaml").write_text(RULES)
    lines = [f"A{account},Account {account},2024-01-01" for account in range(ACCOUNTS)]
    (folder / "exports/accounts.csv").write_text("\n".join(["account_id,name,signup_date", *lines, ""]))
    return folder


def write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(["at,account_id,user_id,event,feature", *lines, ""]))


def test_60_files_of_the_last_30_days_decide_what_one_cumulative_file_decides(tmp_path: Path) -> None:
    rows = events()
    whole = workspace(tmp_path / "whole", "whole")
    write(whole / "exports/usage.csv", [line for _, line in rows])
    windows = workspace(tmp_path / "windows", "window")
    for number in range(FILES):
        last = FIRST + timedelta(days=29 + 7 * (number + 1))
        first = last - timedelta(days=29)
        # The export starts in the middle of its first day, so that the early rows of that day are not in it.
        kept = [
            line
            for day, line in rows
            if first < day <= last
            or (day == first and (number == 0 or line[10:13] >= "T12"))
            or (number == 0 and day < first)
        ]
        write(windows / f"exports/usage_{last}.csv", kept)
    for folder in (whole, windows):
        done = segkit("assign", "-q", folder, "--as-of", "2026-11-15")
        assert done.returncode == 0, done.stderr
    for name in ("assignments.csv", "transitions.csv"):
        one, many = (folder / "out/latest" / name for folder in (whole, windows))
        assert one.read_bytes() == many.read_bytes()
    assert (whole / "out/latest/transitions.csv").read_bytes().count(b"\n") > 100
