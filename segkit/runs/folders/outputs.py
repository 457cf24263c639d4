"""The files of a run folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from segkit import reports
from segkit.engine.baselines.standing import GROUPS
from segkit.engine.results import State
from segkit.errors import GuardError, Place, Problem, SegkitError
from segkit.facts.keyed import Hashed
from segkit.facts.load import Loaded
from segkit.reports import Answers, Screen
from segkit.reports.handouts import NEW, handouts, news
from segkit.reports.quality import NAME as QUALITY
from segkit.reports.quality import quality
from segkit.reports.sizes import sizes_csv
from segkit.ruleset.model import RuleSet
from segkit.runs.folders.files import write_folder
from segkit.runs.folders.history import (
    ENDED,
    HELD,
    LATCHES,
    LEDGER,
    PREVIEW,
    PRIMARIES,
    REFUSALS,
    SIZES,
    TASKS,
)
from segkit.runs.folders.keyfile import workspace_key
from segkit.runs.given.places import near, placed

ASSIGNMENTS = "assignments.parquet"
TRANSITIONS = "transitions.parquet"
WORKLIST = "worklist.parquet"


def results(rules: RuleSet, answers: Answers, screen: Screen, sizes: pl.DataFrame) -> dict[str, bytes]:
    """What people open. `sizes`: of the periods that the report draws."""
    groups = answers.decisions.groups
    return {
        "assignments.csv": reports.to_csv(answers.assignments),
        ASSIGNMENTS: reports.to_parquet(answers.assignments),
        "transitions.csv": reports.to_csv(answers.transitions),
        TRANSITIONS: reports.to_parquet(answers.transitions),
        "worklist.csv": reports.to_csv(answers.worklist),
        WORKLIST: reports.to_parquet(answers.worklist),
        **handouts(answers.worklist),
        NEW: news(screen.workspace, answers.worklist, screen.since, screen.as_of),
        "groups.csv": reports.to_csv(pl.DataFrame(schema=GROUPS) if groups is None else groups),
        "summary.md": reports.summary(screen).encode(),
        "report.html": reports.page(rules, answers, screen, sizes).encode(),
    }


def refused(rejected: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """`rejected/<source>.csv` for each source with refused rows."""
    return {f"rejected/{name}.csv": reports.to_csv(rows) for name, rows in rejected.items() if rows.height}


def read(loaded: Loaded, root: Path) -> dict[str, bytes]:
    """How the exports were read, with what was refused; `root` of the workspace."""
    return {**refused(loaded.rejected), QUALITY: quality(loaded, placed(loaded.problems, near(root)))}


def next_state(state: State, sizes: pl.DataFrame, loaded: Loaded, folder: Path) -> dict[str, bytes]:
    """What the next run starts from. `folder`: where the key of the workspace lies."""
    consent = loaded.consent
    latches, primaries, held, ended, tasks = (
        rows.filter(~consent.refused("account:" + rows["account_id"]))
        for rows in (state.latches, state.primaries, state.held, state.ended, state.tasks)
    )
    files = {LATCHES: reports.to_parquet(latches), PRIMARIES: reports.to_parquet(primaries)}
    files[SIZES] = sizes_csv(sizes)
    left = {HELD: held, ENDED: ended, TASKS: tasks}
    files |= {name: reports.to_parquet(rows) for name, rows in left.items() if rows.height}
    files[LEDGER] = reports.to_parquet(loaded.ledger)
    if consent.out or consent.heard is not None:
        before = consent.heard or Hashed(workspace_key(folder))
        hashes = before.without(consent.agreed).with_ids(consent.out).hashes
        files[REFUSALS] = "".join(f"{each}\n" for each in sorted(hashes)).encode()
    return files


@contextmanager
def keep_refused(out: Path, rejected: Mapping[str, pl.DataFrame]) -> Iterator[None]:
    """When the block fails, the refused rows are kept in `out/preview/`, and the error says so."""
    try:
        yield
    except GuardError:
        raise  # Its preview is whole, these rows included.
    except SegkitError as error:
        files = refused(rejected)
        if not files:
            raise
        write_folder(out / PREVIEW, files)
        rows = sum(frame.height for frame in rejected.values())
        kept = Problem(
            "I104",
            f"{rows} refused rows are kept here",
            Place(str(out / PREVIEW / "rejected")),
            severity="warning",
        )
        raise error.with_problems((*error.problems, kept)) from error
