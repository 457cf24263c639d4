"""Who claims an id from when to when: rows of crosswalk, keys and contacts, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from segkit.facts.files.lines import LINE
from segkit.facts.identity.ids import prefixed
from segkit.facts.taking.store import FILE

CLAIMS = {
    "raw_id": pl.String,
    "account_id": pl.String,
    "from_day": pl.Int32,
    "to_day": pl.Int32,
    "kind": pl.String,
    "evidence": pl.String,
    "source": pl.String,
    FILE: pl.UInt32,
    LINE: pl.Int64,
}
"""`kind` is OWN or a word of settings.EVIDENCE; `evidence` is what people read; source, file and line say
where it stands, null where it stands in no file. Days are inclusive, null is open."""
NO_CLAIMS = pl.DataFrame(schema=CLAIMS)
OWN = "account id"
"""An account's own id, which nothing outweighs."""


def claims_of_rows(tables: Mapping[str, pl.DataFrame], keys: Iterable[str]) -> pl.DataFrame:
    """What rows that hold an id and account_id say about the id.

    A claim holds until a later one of its kind takes over, whichever account that names. The first also holds
    before its own date (an id may be used before a contract), but for a crosswalk, which says what it means.
    """
    held = [NO_CLAIMS]
    for source in sorted(set(tables) - {"crosswalk"}):
        # Whose a key is holds from the day of the row that says so.
        held += [_claims(source, tables[source], key, "keys", "day") for key in sorted(set(keys))]
    if "contacts" in tables:
        for column in ("user_id", "email"):
            held.append(_claims("contacts", tables["contacts"], column, "contacts", "created_at"))
    found = [succeeding(pl.concat(held), before=True)]
    if "crosswalk" in tables:
        columns = ("user_id", "email", "domain", *sorted(set(keys)))
        named = [_claims("crosswalk", tables["crosswalk"], each, "crosswalk", "from") for each in columns]
        found.append(succeeding(pl.concat(named), before=False))
    return pl.concat(found)


def aliases(crosswalk: pl.DataFrame | None) -> pl.DataFrame:
    """Claims of crosswalk rows that say which account another account id stands for."""
    if crosswalk is None:
        return NO_CLAIMS
    return succeeding(_claims("crosswalk", crosswalk, "alias", "crosswalk", "from"), before=False)


def succeeding(claims: pl.DataFrame, *, before: bool) -> pl.DataFrame:
    """Claims cut where a later one of the same id and kind begins; with `before` the first has no beginning.

    Claims of one id that begin on one day stay side by side.
    """
    if claims.is_empty():
        return claims
    whose = ["raw_id", "kind"]
    starts = claims.select(*whose, "from_day").unique().sort(*whose, "from_day", nulls_last=False)
    starts = starts.with_columns(
        (pl.col("from_day").shift(-1).over(whose) - 1).alias("last"),
        pl.struct(whose).is_first_distinct().alias("first"),
    )
    cut = claims.join(starts, on=[*whose, "from_day"], how="left", nulls_equal=True, maintain_order="left")
    open_start = pl.col("first") if before else pl.lit(False)
    return cut.with_columns(
        pl.when(open_start).then(None).otherwise(pl.col("from_day")).alias("from_day"),
        pl.min_horizontal("to_day", "last").alias("to_day"),
    ).select(*CLAIMS)


def _claims(source: str, rows: pl.DataFrame, column: str, kind: str, since: str) -> pl.DataFrame:
    """One claim for each id and account of the column that a day begins, from the first row that says so."""
    if column not in rows.columns or "account_id" not in rows.columns:
        return NO_CLAIMS
    value = pl.col(column)
    if column == "domain":
        value = domain_names(value)
    told = rows.with_columns(value.alias(column)).filter(
        pl.col(column).is_not_null() & pl.col("account_id").is_not_null()
    )
    place = [pl.col(name) if name in rows.columns else pl.lit(None).alias(name) for name in (FILE, LINE)]
    found = told.select(
        prefixed(column).alias("raw_id"),
        "account_id",
        _day(rows, since).alias("from_day"),
        _day(rows, "until" if kind == "crosswalk" else "").alias("to_day"),
        pl.lit(kind).alias("kind"),
        pl.lit(source).alias("evidence"),
        pl.lit(source).alias("source"),
        *place,
    ).cast(CLAIMS)  # type: ignore[arg-type]
    order = [*list(CLAIMS)[:4], FILE, LINE]
    return found.sort(order, nulls_last=False).unique(order[:4], keep="first", maintain_order=True)


def domain_names(text: pl.Expr) -> pl.Expr:
    """Domains as they stand behind the @ of an address; null for nothing."""
    bare = text.str.to_lowercase().str.strip_chars().str.replace(r"^https?://", "").str.replace(r"/.*$", "")
    bare = bare.str.strip_prefix("@").str.strip_prefix("www.").str.strip_chars(".")
    return pl.when(bare != "").then(bare)


def _day(rows: pl.DataFrame, name: str) -> pl.Expr:
    if name not in rows.columns:
        return pl.lit(None, pl.Int32)
    return pl.col(name).to_physical().cast(pl.Int32)
