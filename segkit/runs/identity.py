"""Whose the ids of a workspace are, from its files; writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl
from msgspec import Struct

from segkit.errors import ConfigError, Problem
from segkit.facts.identity.audit import Audit, audit
from segkit.facts.identity.drill import Drilled, Known
from segkit.facts.load import Loaded
from segkit.reports.frames import crm
from segkit.ruleset.suggest import did_you_mean
from segkit.runs.folders import history
from segkit.runs.given.inputs import read_facts
from segkit.runs.given.suppression import erased_ids
from segkit.workspace import Workspace

NO_DAYS = pl.DataFrame(schema={"raw_id": pl.String, "day": pl.Int32, "rows": pl.Int64})


class Audited(Struct, frozen=True):
    as_of: date
    found: Audit
    everybody: tuple[str, ...]
    """User keys seen in usage, to name machines by patterns that mean nobody else."""


def identity_audit(workspace: Workspace, *, now: datetime, as_of: date | None = None) -> Audited:
    """Raises: ConfigError, InputError, IoError."""
    loaded = _loaded(workspace, now, as_of)
    habits = loaded.habits() if loaded.habits else None
    if habits is not None:
        erased = erased_ids(workspace.state)
        habits = habits if erased is None else habits.filter(~erased.holds(habits["user_key"]))
        habits = habits.join(loaded.left_out.people, on="user_key", how="anti", maintain_order="left")
    found = audit(loaded.identity, _days(loaded), loaded.orphans, habits)
    everybody = () if habits is None else tuple(habits["user_key"])
    return Audited(loaded.facts.as_of, found, everybody)


def identity_of(
    workspace: Workspace, asked: str, *, now: datetime, as_of: date | None = None
) -> tuple[Drilled, ...]:
    """Every id that `asked` means: a raw id, its value, or the name of an account.

    Raises: ConfigError (S156) where there is none; InputError, IoError.
    """
    loaded = _loaded(workspace, now, as_of)
    names = loaded.samples.pseudonyms
    if names is not None:
        asked = names.meant(asked, loaded.facts.roster.accounts) or asked
    others = [rows["raw_id"] for rows in loaded.orphans.values()]
    known = Known(
        loaded.identity,
        _days(loaded),
        pl.concat([pl.Series("raw_id", [], dtype=pl.String), *others]),
        loaded.files,
    )
    found = known.like(asked) or known.like(_account_called(loaded, asked) or asked)
    if not found:
        values = [*(each.partition(":")[2] for each in known.ids()), *crm(loaded.facts)["name"]]
        close = did_you_mean(asked, values if names is None else [])
        raise ConfigError(Problem("S156", f"no id is called '{asked}'", hint=close))
    return tuple(known.drill(raw_id) for raw_id in found)


def evidence_table(found: Sequence[Drilled]) -> pl.DataFrame:
    """drill.EVIDENCE of all of them, one below the other."""
    return pl.concat([each.evidence for each in found])


def _loaded(workspace: Workspace, now: datetime, as_of: date | None) -> Loaded:
    head = history.head(workspace.state, workspace.out)
    return read_facts(workspace, None, as_of=as_of, now=now, head=head)


def _days(loaded: Loaded) -> pl.DataFrame:
    usage = loaded.facts.usage
    return NO_DAYS if usage is None else usage.days().select(pl.col("raw_id").cast(pl.String), "day", "rows")


def _account_called(loaded: Loaded, name: str) -> str | None:
    known = crm(loaded.facts)
    found = known.filter(pl.col("name").str.to_lowercase() == name.strip().lower())["account_id"]
    return f"account:{found[0]}" if len(found) == 1 else None
