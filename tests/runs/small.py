"""A workspace of four accounts and a few weeks, written into a folder; everything a run needs, in sight."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from segkit.runs import assign
from segkit.runs.run import Run
from segkit.workspace import open_workspace

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
FIRST_MONDAY = date(2026, 8, 31)
SUNDAYS = tuple(FIRST_MONDAY + timedelta(days=6 + 7 * week) for week in range(12))
"""2026-09-06 to 2026-11-22."""

WORKSPACE = """\
version: 1
name: Small
rules: rules.yaml
quiet_days: 0
sources:
  accounts: {files: accounts.csv}
  usage: {files: "usage*.csv", delivery: append}
"""

RULES = """\
version: 1
name: small
segments:
  - name: at_risk
    means: Hardly there.
    playbook: call
    enter: events_7d under 3
    enter_after: 2 weeks
    exit: events_7d at least 3
    exit_after: 2 weeks
  - name: active
    enter: events_7d at least 3
otherwise: needs_review
dimensions:
  value:
    - name: large
      enter: arr at least 1000
    - name: small
      enter: arr under 1000
flags:
  - name: busy
    enter: events_7d at least 5
playbooks:
  call:
    goal: Back again.
    due: 2 days
    steps:
      - Call them
"""

ACCOUNTS = """\
account_id,name,arr,signup_date,csm
A,Acme,5000,2026-01-01,Ann
B,Borg,500,2026-01-01,Bob
C,=Cosmo,900,2026-01-01,
D,Dyna,100,2026-10-05,Bob
"""

EVENTS: Mapping[str, str] = {
    "A": "555555555500",
    "B": "333333033333",
    "C": "000050505050",
    "D": "000003333333",
}
"""Account -> events in each week."""


def write(folder: Path, *, weeks: int = 12, rules: str = RULES, accounts: str = ACCOUNTS) -> Path:
    """A workspace whose usage reaches to the end of `SUNDAYS[weeks - 1]`.

    The last week has a file of its own; those before it share one, for a run is a fifth quicker than on five.
    """
    exports = folder / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    (folder / "segkit.yaml").write_text(WORKSPACE)
    (folder / "rules.yaml").write_text(rules)
    (exports / "accounts.csv").write_text(accounts)
    for together in (range(weeks - 1), range(weeks)[-1:]):
        if together:
            write_weeks(folder, *together)
    return folder


def ran(folder: Path, *, weeks: int = 12) -> Path:
    """A copy of such a workspace after its first run, which is done once in a process."""
    return shutil.copytree(_ran_once(weeks)[0], folder, symlinks=True, dirs_exist_ok=True)


def first_run(folder: Path, *, weeks: int = 12) -> Run:
    """That run, as if it had been done in the copy."""
    there, done = _ran_once(weeks)
    assert done.folder is not None
    return replace(done, folder=ran(folder, weeks=weeks) / done.folder.relative_to(there))


@cache
def _ran_once(weeks: int) -> tuple[Path, Run]:
    folder = write(temporary(), weeks=weeks)
    return folder, assign(open_workspace(folder), now=NOW)


def temporary() -> Path:
    """A folder that goes when the process does."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    return folder


def write_week(folder: Path, week: int) -> None:
    """One file a week; the last event of every week is on its Sunday."""
    write_weeks(folder, week)


def write_weeks(folder: Path, *weeks: int) -> None:
    """One file, named after the last of these weeks."""
    rows = [
        f"{FIRST_MONDAY + timedelta(days=7 * week + 6 - n % 7)},{account},click"
        for week in weeks
        for account, counts in EVENTS.items()
        for n in range(int(counts[week]))
    ]
    text = "\n".join(["at,account_id,event", *rows]) + "\n"
    (folder / "exports" / f"usage_{weeks[-1]:02}.csv").write_text(text)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
