"""What earlier runs left: the published run, its parents, and the state a next run starts from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import Struct, field
from msgspec.structs import replace

from segkit.engine.baselines.standing import GROUPS
from segkit.engine.results import State
from segkit.errors import IoError, Place, Problem
from segkit.facts.quality.form import SourceLook
from segkit.facts.quality.late import Weeks
from segkit.reports.quality import NAME as QUALITY
from segkit.reports.quality import looks, weeks_then
from segkit.reports.sizes import read_sizes
from segkit.runs.folders.files import point, remove_folder, replace_file, sweep
from segkit.runs.guards.findings import Finding

HEAD = "HEAD"
SUCCEEDED = "succeeded"
PREVIEW = "preview"
"""What a run leaves that published nothing, below `out`."""
COMPARISONS = "compare"
"""Where comparisons of rule sets lie, below `out`."""
MANIFEST = "run.json"
GONE = "runs/.gone"
"""Names of runs that `keep:` removed, one a line, below `out`: where the history ends on purpose."""
LATCHES = "state/latches.parquet"
PRIMARIES = "state/primaries.parquet"
HELD = "state/held.parquet"
ENDED = "state/ended.parquet"
"""What overrides left; there where they left anything."""
TASKS = "state/tasks.parquet"
LEDGER = "state/snapshots.parquet"
SIZES = "state/sizes.csv"
"""How many accounts each segment had, period after period."""
REFUSALS = "state/refusals.txt"
"""Keyed hashes of the ids of who said no, one a line."""


class Published(Struct, frozen=True):
    """A run as it lies in its folder. `name` is the folder relative to `out`, as HEAD and parents say it."""

    folder: Path
    name: str
    run: str
    as_of: date
    digest: str
    logic: str
    parent: str | None
    files: Mapping[str, str]
    """Path in the folder -> sha256."""
    guards: tuple[Finding, ...] = ()
    """What tripped and was accepted."""
    runs: int = 1
    """How many periods were published one after the other, this one included."""
    begun: date | None = None
    """as_of of the first run that was published; None where an earlier version did not keep it."""
    ages: tuple[int, ...] = ()
    """Days between the newest row and the day of the run, of the last three runs, this one last."""
    inputs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Source -> sha256 of its files."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """Source -> accepted rows; of dated sources those up to as_of."""
    pseudonymised: bool = False
    """Whether its results name nobody; its state does."""
    playbooks: str = ""
    """Fingerprint of what was to be done; empty where an earlier version kept none."""
    version: int = 0
    """Of its rule set."""
    changed: Mapping[str, Any] | None = None
    """What its rules said otherwise than those before them, as run.json has it."""
    trials: tuple[str, ...] = ()
    """Segments that were on trial."""
    trials_key: str = ""
    """Fingerprint of what they said; empty for none."""
    outages: tuple[tuple[date, int, int], ...] = ()
    """Last day of each week whose usage looked cut off, silent accounts, accounts that come every week."""

    def state(self) -> State:
        """Raises: IoError (I103) when a file is gone or not as it was written."""
        state = State(self.as_of, self.logic, self.frame(LATCHES), self.frame(PRIMARIES))
        held = self.frame(HELD) if HELD in self.files else state.held
        ended = self.frame(ENDED) if ENDED in self.files else state.ended
        tasks = self.frame(TASKS) if TASKS in self.files else state.tasks
        return replace(state, held=held, ended=ended, tasks=tasks)

    def ledger(self) -> pl.DataFrame | None:
        """Account snapshots accepted so far; None where the workspace has no accounts source."""
        return self.frame(LEDGER) if LEDGER in self.files else None

    def sizes(self) -> pl.DataFrame | None:
        """How many accounts each segment had; None where an earlier version kept no count.

        Raises: IoError (I103).
        """
        return read_sizes(self.content(SIZES)) if SIZES in self.files else None

    def groups(self) -> pl.DataFrame:
        """Columns GROUPS. Raises: IoError (I103)."""
        return pl.read_csv(BytesIO(self.content("groups.csv")), schema=GROUPS)

    def refusals(self) -> frozenset[str]:
        """Keyed hashes of the ids of who said no. Raises: IoError (I103)."""
        return frozenset(self.content(REFUSALS).decode().split()) if REFUSALS in self.files else frozenset()

    def looks(self) -> Mapping[str, SourceLook]:
        """What the exports looked like; nothing where an earlier version kept no trace.

        Raises: IoError (I103).
        """
        return looks(self.content(QUALITY)) if QUALITY in self.files else {}

    def weeks(self) -> Weeks:
        """How many rows each source had in each period; nothing where an earlier version kept no trace.

        Raises: IoError (I103).
        """
        return weeks_then(self.content(QUALITY)) if QUALITY in self.files else {}

    def frame(self, name: str) -> pl.DataFrame:
        """Raises: IoError (I103)."""
        return pl.read_parquet(BytesIO(self.content(name)))

    def content(self, name: str) -> bytes:
        """Raises: IoError (I103)."""
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise damaged(path, error.strerror or str(error)) from error
        if hashlib.sha256(content).hexdigest() != self.files.get(name):
            raise damaged(path, "its content is not what the run wrote")
        return content


def head(state: Path, out: Path) -> Published | None:
    """The published run; None before the first one.

    Raises: IoError (I103) when HEAD names a run that is gone or cannot be read. Nothing is mended silently:
    starting anew over a damaged history would raise alarms that are none.
    """
    path = state / HEAD
    try:
        name = path.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(path, str(error)) from error
    return published(out, name, path)


def published(out: Path, name: str, named_by: Path) -> Published:
    """Raises: IoError (I103)."""
    parts = Path(name).parts
    if len(parts) != 2 or parts[0] not in ("runs", "replays") or parts[1].startswith("."):
        raise damaged(named_by, f"it names no run: {name[:80]!r}")
    path = out / name / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return Published(
            folder=out / name,
            name=name,
            run=manifest["run"],
            as_of=date.fromisoformat(manifest["as_of"]),
            digest=manifest["fingerprints"]["facts"],
            logic=manifest["fingerprints"]["logic"],
            playbooks=manifest["fingerprints"].get("playbooks", ""),
            version=int(manifest.get("ruleset", {}).get("version", 0)),
            changed=manifest.get("ruleset", {}).get("changed"),
            trials=tuple(map(str, manifest.get("trials", []))),
            trials_key=manifest["fingerprints"].get("trials", ""),
            parent=manifest["parent"],
            files=manifest["files"],
            guards=tuple(Finding.read(each) for each in manifest.get("guards", [])),
            runs=int(manifest.get("runs", 1)),
            begun=date.fromisoformat(manifest["begun"]) if manifest.get("begun") else None,
            ages=tuple(map(int, manifest.get("ages", []))),
            outages=tuple(
                (date.fromisoformat(each["week"]), int(each["silent"]), int(each["steady"]))
                for each in manifest.get("outages", [])
            ),
            inputs=_shas(manifest.get("inputs", [])),
            rows={each["source"]: int(each.get("known", each["accepted"])) for each in manifest["rows"]},
            pseudonymised=manifest.get("pseudonymised", False),
        )
    except FileNotFoundError as error:
        raise damaged(path, f"the run that {named_by.name} names is not there") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(path, f"cannot be read ({type(error).__name__})") from error


def _shas(inputs: Sequence[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for each in inputs:
        found[each["source"]] = found.get(each["source"], frozenset()) | {each["sha256"]}
    return found


def parent(out: Path, run: Published) -> Published | None:
    """Raises: IoError (I103)."""
    return published(out, run.parent, run.folder / MANIFEST) if run.parent else None


class Past(Struct, frozen=True):
    """The published run, and the run whose state the next one starts from."""

    head: Published | None
    base: Published | None

    @classmethod
    def of(cls, out: Path, head: Published | None, as_of: date) -> Past:
        """A run for the published as_of supersedes it: it starts where that one started.

        Raises: IoError (I103).
        """
        superseding = head is not None and head.as_of == as_of
        return cls(head, parent(out, head) if head is not None and superseding else head)

    @property
    def superseded(self) -> Published | None:
        return self.head if self.head is not self.base else None


def lineage(out: Path, run: Published | None) -> Iterator[Published]:
    """A run and all it grew from, newest first, as far as they are kept. Raises: IoError (I103)."""
    ended = gone(out)
    while run is not None:
        yield run
        # One that was removed and published again is there.
        over = run.parent in ended and not (out / str(run.parent) / MANIFEST).is_file()
        run = None if over else parent(out, run)


def gone(out: Path) -> frozenset[str]:
    """Names of runs that were removed because `keep:` says so. Raises: IoError (I103)."""
    path = out / GONE
    try:
        return frozenset(path.read_text("utf-8").split())
    except FileNotFoundError:
        return frozenset()
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(path, str(error)) from error


def publish(state: Path, out: Path, name: str) -> None:
    """Makes a whole run folder the published truth; HEAD is the only commit point.

    Raises: IoError (I102).
    """
    replace_file(state / HEAD, f"{name}\n".encode())
    # The run is published; the link is mended and the preview removed at the next start, if not now.
    with suppress(IoError):
        point(out / "latest", name)
        remove_folder(out / PREVIEW)


def succeeded(state: Path, now: datetime, as_of: date, run: str) -> None:
    """Leaves a sign of life for whoever watches cron: when, as of which day, which run; also of a no-op."""
    with suppress(IoError):  # the run is published; a missing sign of life is an alarm, and rightly so
        replace_file(state / SUCCEEDED, f"{now.isoformat('T', 'seconds')} {as_of} {run}\n".encode())


def tidy(state: Path, out: Path, run: Published | None) -> None:
    """Sweeps what a killed run left and sets `out/latest` to what HEAD names; under the lock."""
    cached = (state / "cache").glob("*")
    for folder in (state, *cached, out, out / "runs", out / "replays", out / COMPARISONS, out / PREVIEW):
        sweep(folder)
    if run is not None:
        point(out / "latest", run.name)


def damaged(path: Path, why: str) -> IoError:
    return IoError(
        Problem(
            "I103",
            f"the history of this workspace is damaged: {why}",
            Place(str(path)),
            "nothing was overwritten; bring state/ and out/ back from a backup, "
            "or move state/HEAD away to start a new history",
        )
    )
