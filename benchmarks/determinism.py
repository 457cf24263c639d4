"""The same bytes whatever the threads, the time zone, the order of rows, and however the store came to be.

Every product of threads, zones and orders is replayed without a store, with the one that this left, and with
one built in 1, 3 or 104 steps, as usage came. Of these steps each meets each number of threads, each zone and
each order, but not each product of them. Week by week is held against one replay in three settings.
"""

from __future__ import annotations

import gzip
import hashlib
import random
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.process import PYTHON, ROOT, measure, segkit
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.simulator.levels import LAST
from segkit.workspace import open_workspace

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
DECIDED = ("assignments.csv", "transitions.csv", "worklist.csv", "groups.csv", "report.html")
OUTAGE = date(2025, 12, 21)
"""The example's export missed this week: a run for it is refused, the next run decides both weeks."""
ACCEPTED = {date(2025, 12, 28): "fewer_rows", date(2026, 9, 6): "suspected_outage"}
"""The run that decides that week trips a guard, and so does the week without half of the accounts; what trips
is accepted."""
BECAUSE = "the rows are lost"


@dataclass(frozen=True, slots=True)
class Setting:
    threads: int
    zone: str
    shuffle: int | None
    """Seed of the row order; None leaves the rows as they are."""

    def __str__(self) -> str:
        order = "rows as they are" if self.shuffle is None else f"rows shuffled ({self.shuffle})"
        return f"{self.threads} threads, TZ={self.zone}, {order}"

    @property
    def env(self) -> dict[str, str]:
        return {"POLARS_MAX_THREADS": str(self.threads), "TZ": self.zone}


WEEKLY = (
    Setting(2, "UTC", None),
    Setting(1, "America/New_York", 1),
    Setting(8, "Asia/Kolkata", 2),
)
STEPS = (1, 3, 104)
"""Deliveries of usage, each folded before the next one came."""
REPLAYS = tuple(
    Setting(threads, zone, shuffle)
    for threads in (1, 2, 8)
    for zone in ("UTC", "America/New_York", "Asia/Kolkata")
    for shuffle in (None, 1)
)


def run(weeks: int) -> int:
    """1 when any byte differs. Weekly runs in three settings, one replay in each of 18."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        wanted = _weekly(work / "first", WEEKLY[0], weeks)
        whole = wanted.whole()
        differing = 0
        for number, setting in enumerate(WEEKLY[1:], 1):
            again = _weekly(work / f"weekly{number}", setting, weeks)
            differing += _compare(f"{weeks} weekly runs, {setting}", wanted.runs, again.runs)
        for number, setting in enumerate(REPLAYS):
            folder = _workspace(work / f"replay{number}", setting)
            steps = STEPS[(number + number // 3) % 3]
            for store in ("no store", "the store of that", f"a store built in {steps} steps"):
                if store.startswith("a store"):
                    shutil.rmtree(folder)
                    _stepwise(_workspace(folder, setting), setting, steps)
                found = _replayed(folder, setting)
                # A replay also tells what the data support; its pages are held against the first replay's.
                whole = {name: found[name] for name in ("report.html", "groups.csv", "worklist.csv")} | whole
                differing += _compare(f"one replay, {setting}, {store}", whole, found)
            shutil.rmtree(folder)
    print("equal in every decided byte" if not differing else f"{differing} settings differ")
    return int(differing > 0)


def _replayed(folder: Path, setting: Setting) -> dict[str, bytes]:
    shutil.rmtree(folder / "out", ignore_errors=True)
    measure(segkit("replay", "-q", folder), env=setting.env)
    return _read(next((folder / "out" / "replays").iterdir()))


def _stepwise(folder: Path, setting: Setting, steps: int) -> None:
    """Folds usage as it would have come in so many deliveries, into the store of the workspace."""
    measure([PYTHON, "-m", "benchmarks.determinism", folder, str(steps)], env=setting.env)


def fold(folder: Path, steps: int) -> None:
    """Each delivery is a file of its own with the days of its time."""
    workspace = open_workspace(folder)
    rules, _ = read_rules(workspace)
    rows: dict[str, list[bytes]] = {}
    head = b""
    for path in sorted(workspace.exports.glob("usage_*.csv.gz")):
        head, *lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        for line in lines:
            rows.setdefault(line[:10].decode(), []).append(line)
        path.unlink()
    days = sorted(rows)
    for step in range(steps):
        ours = days[len(days) * step // steps : len(days) * (step + 1) // steps]
        text = head + b"".join(line for day in ours for line in rows[day])
        (workspace.exports / f"usage_{step:03}.csv.gz").write_bytes(gzip.compress(text, 1))
        as_of = workspace.calendar.end(
            workspace.calendar.index(date.fromisoformat(ours[-1]) + timedelta(1)) - 1
        )
        read_facts(workspace, rules, now=NOW, as_of=min(as_of, LAST), cache=True)


@dataclass(frozen=True, slots=True)
class _Weekly:
    runs: dict[str, bytes]
    """`<as_of>/<file>` of every run."""

    def whole(self) -> dict[str, bytes]:
        """What one replay over the same weeks must say: the last assignments, all transitions.

        Not the work list: what stood before the first run is due from that run on.
        """
        ends = sorted({key.split("/")[0] for key in self.runs})
        bodies = [self.runs[f"{end}/transitions.csv"].split(b"\n", 1) for end in ends]
        return {
            "assignments.csv": self.runs[f"{ends[-1]}/assignments.csv"],
            "transitions.csv": bodies[0][0] + b"\n" + b"".join(body for _, body in bodies),
        }


def _weekly(folder: Path, setting: Setting, weeks: int) -> _Weekly:
    _workspace(folder, setting)
    ends: list[date] = [LAST - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    runs = {}
    for end in (end for end in ends if end != OUTAGE):
        accept = ("--accept", ACCEPTED[end], "--because", BECAUSE) if end in ACCEPTED else ()
        measure(segkit("assign", "-q", "--as-of", str(end), *accept, folder), env=setting.env)
        for name, content in _read((folder / "out" / "latest").resolve()).items():
            runs[f"{end}/{name}"] = content
    shutil.rmtree(folder)
    return _Weekly(runs)


def _workspace(folder: Path, setting: Setting) -> Path:
    """A copy of the example, its rows in another order if the setting says so."""
    source = ROOT / "examples" / "saas"
    shutil.copytree(source / "exports", folder / "exports")
    shutil.copy(source / "segkit.yaml", folder)
    if setting.shuffle is not None:
        for path in sorted((folder / "exports").iterdir()):
            shuffle(path, setting.shuffle)
    return folder


def shuffle(path: Path, seed: int) -> None:
    """Writes the rows of a CSV in another order, the header first."""
    rng = random.Random(f"{seed} {path.name}")
    packed = path.suffix == ".gz"
    text = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    head, *rows = text.splitlines(keepends=True)
    rng.shuffle(rows)
    text = head + b"".join(rows)
    path.write_bytes(gzip.compress(text, 1) if packed else text)


def _read(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in DECIDED}


def _compare(what: str, wanted: dict[str, bytes], found: dict[str, bytes]) -> bool:
    different = sorted(name for name in wanted if wanted[name] != found.get(name))
    digest = hashlib.sha256(b"".join(found[name] for name in sorted(found))).hexdigest()[:12]
    print(
        f"{what}: {digest} {'equal' if not different else 'DIFFERENT: ' + ', '.join(different[:3])}",
        flush=True,
    )
    return bool(different)


if __name__ == "__main__":
    fold(Path(sys.argv[1]), int(sys.argv[2]))
