"""Facts of a workspace whose outputs name nobody: without the words that people wrote, or that tell who."""

from __future__ import annotations

import polars as pl
from msgspec.structs import replace

from segkit.facts.load import Loaded
from segkit.facts.samples import HIDDEN

DOMAIN = "web domains"
"""Stands for those of addresses that no account claims."""


def without_people(loaded: Loaded) -> Loaded:
    """Refused rows without the row itself, lists without who wrote them and why, domains without a name.

    Nothing is decided by any of it.
    """
    facts, names = loaded.facts, loaded.samples.pseudonyms
    assert names is not None
    reason = pl.when(pl.col("reason").is_not_null()).then(pl.lit(HIDDEN)).alias("reason")
    pauses, overrides = facts.pauses, facts.overrides
    if pauses is not None:
        pauses = pauses.with_columns(reason)
    if overrides is not None:
        overrides = overrides.with_columns(reason, by=names.employees(overrides["by"]))
    raw = pl.lit(None, pl.String).alias("raw")
    return replace(
        loaded,
        facts=replace(facts, pauses=pauses, overrides=overrides),
        rejected={source: rows.with_columns(raw) for source, rows in loaded.rejected.items()},
        unmatched=_domains_together(loaded.unmatched),
    )


def _domains_together(unmatched: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    rows: dict[str, int] = {}
    for label, count in unmatched:
        name = DOMAIN if "." in label else label
        rows[name] = rows.get(name, 0) + count
    return tuple(sorted(rows.items(), key=lambda each: (-each[1], each[0])))
