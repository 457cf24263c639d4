"""Usage rows held against the known accounts: how many found theirs, and what the others look like."""

from __future__ import annotations

import polars as pl
from msgspec import Struct

from segkit.errors import InputError, Place, Problem
from segkit.facts.files.lines import LINE
from segkit.facts.files.read import FAULTS
from segkit.facts.identity.resolve import resolve
from segkit.facts.presence import totals_by_id
from segkit.facts.taking.store import FILE
from segkit.facts.usage import Usage

_WORDS = {
    "account": ("account id", "that accounts does not list"),
    "user": ("user id", "without an account"),
    "email": ("address", "without an account"),
}


class Matched(Struct, frozen=True):
    """first_seen: account_id, day of its first usage row, sorted by id."""

    first_seen: pl.DataFrame
    share: float | None = None
    top: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


NO_USAGE = Matched(pl.DataFrame(schema={"account_id": pl.String, "day": pl.Int32}))


def id_totals(days: pl.DataFrame) -> pl.DataFrame:
    """raw_id, rows, day (its first), FILE (its first), sorted: all that matching needs of undated ids."""
    return totals_by_id(days).with_columns(pl.col("raw_id").cast(pl.String)).sort("raw_id")


def match_usage(
    usage: Usage | None,
    days: pl.DataFrame | None,
    mapping: pl.DataFrame,
    listed: bool,
    left_out: pl.DataFrame,
) -> Matched:
    """days: FILE, raw_id, day, rows of what counts, by day or as `id_totals`.

    left_out: account_id of accounts whose rows do not count, known or not.

    `listed`: whether an accounts source says who is one. Rows without an account stay accepted and are told
    about (D109). Raises InputError D109 where no row has one.
    """
    if usage is None or days is None or days.is_empty():
        return NO_USAGE
    found = resolve(days, mapping, "day")
    if left_out.height:
        named = pl.coalesce("account_id", pl.col("raw_id").str.strip_prefix("account:"))
        found = found.filter(~named.is_in(left_out["account_id"].implode()))
    total = int(found["rows"].sum())
    lost = found.filter(pl.col("account_id").is_null())
    first = (
        found.filter(pl.col("account_id").is_not_null())
        .group_by("account_id")
        .agg(pl.col("day").min())
        .sort("account_id")
    )
    if lost.is_empty():
        return Matched(first, 1.0)
    rows = int(lost["rows"].sum())
    problem = _problem(usage, lost, rows, total, listed)
    if rows == total:
        raise InputError(problem)
    warning = Problem(problem.code, problem.what, problem.where, problem.hint, "warning")
    return Matched(first, 1 - rows / total, _top(lost), (), (warning,))


def _top(lost: pl.DataFrame) -> tuple[tuple[str, int], ...]:
    """Domain of an address, else the kind of id, with its rows; the five with most rows."""
    kind = pl.col("raw_id").str.extract(r"^([^:]+):")
    label = pl.when(kind == "email").then(pl.col("raw_id").str.extract(r"@([^@]+)$")).otherwise(kind)
    counts = lost.group_by(pl.coalesce(label, kind, pl.lit("?")).alias("label")).agg(pl.col("rows").sum())
    return tuple(counts.sort(["rows", "label"], descending=[True, False]).head(5).iter_rows())


def _problem(usage: Usage, lost: pl.DataFrame, rows: int, total: int, listed: bool) -> Problem:
    ids = lost.group_by("raw_id").agg(pl.col("rows").sum(), pl.col(FILE).min())
    ids = ids.sort(["rows", "raw_id"], descending=[True, False])
    kind, _, value = ids["raw_id"][0].partition(":")
    noun, rest = _WORDS.get(kind, (f"{kind} value", "without an account"))
    said = f"{_several(ids.height, noun)} {rest}" if _one_kind(ids) else _several(ids.height, "id")
    column = {"account": "account_id", "user": "user_id"}.get(kind, kind)
    what = (
        f"{rows:,} of {total:,} usage rows belong to no known account: {said}, most often "
        f"{usage.gathered.terms.samples.cell('usage', column, value)} ({_several(ids['rows'][0], 'row')})"
    )
    return Problem("D109", what, _place(usage, ids, value), _hint(kind, listed))


def _several(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def _one_kind(ids: pl.DataFrame) -> bool:
    return ids["raw_id"].str.extract(r"^([^:]+):").n_unique() == 1


def _hint(kind: str, listed: bool) -> str:
    if kind == "account":
        return "add these accounts to the accounts export, or check that both exports use the same ids"
    if kind in ("user", "email"):
        return "give contacts with account_id" + (", or domains in accounts" if listed else "")
    return f"give a source that holds both {kind} and account_id, e.g. subscriptions"


def _place(usage: Usage, ids: pl.DataFrame, value: str) -> Place:
    """The first line that names the id, where the file is text."""
    file = usage.gathered.files[int(ids[FILE][0])]
    if not file.is_text or usage.gathered.config.encoding not in ("utf-8", "utf-8-sig"):
        return file.place()
    lines = pl.scan_lines(file.path, name="text", row_index_name=LINE, row_index_offset=1, glob=False)
    try:
        hit = lines.filter(pl.col("text").str.contains(value, literal=True)).head(1).collect()
    except FAULTS:
        return file.place()
    return file.place(int(hit[LINE][0]), None, hit["text"][0]) if hit.height else file.place()
