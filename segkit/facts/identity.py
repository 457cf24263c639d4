"""Raw ids -> accounts: a dated mapping with its evidence, joined when tables are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

MAPPING = {
    "raw_id": pl.String,
    "account_id": pl.String,
    "from_day": pl.Int32,
    "to_day": pl.Int32,
    "evidence": pl.String,
}
FREE_MAIL = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "yahoo.co.uk",
        "yahoo.de",
        "yahoo.fr",
        "outlook.com",
        "hotmail.com",
        "hotmail.co.uk",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "gmx.com",
        "web.de",
        "t-online.de",
        "freenet.de",
        "mail.com",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "fastmail.com",
        "zoho.com",
        "yandex.ru",
        "yandex.com",
        "mail.ru",
        "qq.com",
        "163.com",
        "126.com",
        "sina.com",
        "foxmail.com",
        "naver.com",
        "daum.net",
        "hanmail.net",
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "laposte.net",
        "libero.it",
        "virgilio.it",
        "uol.com.br",
        "bol.com.br",
        "rediffmail.com",
        "users.noreply.github.com",
    ]
)
"""Domains of mail providers: they say nothing about the company."""
PREFIX = {"account_id": "account", "user_id": "user"}
"""Column -> prefix of its raw ids, where it is not the column's own name."""


@dataclass(frozen=True, slots=True)
class Identity:
    mapping: pl.DataFrame
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Claims:
    """Who claims a raw id from when on; collected, then settled."""

    rows: list[pl.DataFrame] = field(default_factory=list)

    def add(self, frame: pl.DataFrame, evidence: str, rank: int) -> None:
        """frame: raw_id, account_id, from_day (null = always)."""
        tagged = frame.with_columns(pl.lit(evidence).alias("evidence"), pl.lit(rank, pl.Int32).alias("rank"))
        self.rows.append(tagged.filter(pl.col("raw_id").is_not_null() & pl.col("account_id").is_not_null()))


def raw_ids(columns: Sequence[str], who: Sequence[str]) -> pl.Expr:
    """The raw id of a row: the first of `who` that it fills in."""
    present = [name for name in who if name in columns]
    if not present:
        return pl.lit(None, pl.String)
    return pl.coalesce(pl.concat_str(pl.lit(f"{PREFIX.get(n, n)}:"), pl.col(n)) for n in present)


def identify(
    accounts: Sequence[str],
    domains: pl.DataFrame | None,
    tables: Mapping[str, pl.DataFrame],
    keys: Iterable[str],
    seen: pl.Series,
) -> Identity:
    """The mapping of every raw id that can be settled.

    accounts: every known id. domains: account_id, domains (text, several separated). tables: accepted rows by
    source. keys: declared foreign keys. seen: raw ids that occur anywhere.
    """
    known = pl.DataFrame({"account_id": accounts}, schema={"account_id": pl.String})
    claims = _Claims()
    own = known.select(
        pl.concat_str(pl.lit("account:"), "account_id").alias("raw_id"), "account_id", _always()
    )
    claims.add(own, "account id", 0)
    for key in sorted(set(keys)):
        _claim_key(claims, key, tables)
    contacts = tables.get("contacts")
    if contacts is not None:
        _claim_contacts(claims, contacts)
    notes: list[str] = []
    settled = _settle(pl.concat(claims.rows, how="diagonal_relaxed"), known, notes)
    mails = _addresses(contacts, seen)
    by_domain = _domain_owners(domains, notes)
    rest = mails.join(settled.select("raw_id"), on="raw_id", how="anti", maintain_order="left")
    joined = _by_domain(rest, by_domain).join(known, on="account_id", how="semi", maintain_order="left")
    mapping = pl.concat([settled, joined.select(*MAPPING)]).cast(MAPPING)  # type: ignore[arg-type]
    return Identity(mapping.sort("raw_id", "from_day", nulls_last=False), tuple(notes))


def resolve(frame: pl.DataFrame, mapping: pl.DataFrame, day: str | None) -> pl.DataFrame:
    """Add account_id (null = orphan) to rows with raw_id, by the day in column `day`; the order stays.

    Rows without a day get the newest account.
    """
    rows = frame.drop("account_id", strict=False).with_row_index("_row")
    open_only = mapping.filter(pl.col("from_day").is_null() & pl.col("to_day").is_null())
    found = rows.join(
        open_only.select("raw_id", "account_id"), on="raw_id", how="left", maintain_order="left"
    )
    dated = mapping.filter(pl.col("from_day").is_not_null() | pl.col("to_day").is_not_null())
    if dated.height and rows.height:
        on = pl.col(day) if day is not None else pl.lit(2**31 - 1, pl.Int32)
        hits = (
            rows.select("_row", "raw_id", on.alias("_on"))
            .join(
                dated.select("raw_id", pl.col("account_id").alias("_account"), "from_day", "to_day"),
                on="raw_id",
            )
            .filter(
                (pl.col("_on") >= pl.col("from_day")).fill_null(True)
                & (pl.col("_on") <= pl.col("to_day")).fill_null(True)
            )
            .select("_row", pl.col("_account").alias("dated"))
            .unique("_row", keep="any")
        )
        found = found.join(hits, on="_row", how="left", maintain_order="left")
        found = found.with_columns(pl.coalesce("account_id", "dated").alias("account_id")).drop("dated")
    return found.drop("_row")


def not_dated(mapping: pl.DataFrame) -> bool:
    """Whether every id belongs to one account for ever, so that the day of a row does not matter."""
    return mapping["from_day"].null_count() == mapping["to_day"].null_count() == mapping.height


def _always() -> pl.Expr:
    return pl.lit(None, pl.Int32).alias("from_day")


def _claim_key(claims: _Claims, key: str, tables: Mapping[str, pl.DataFrame]) -> None:
    """A source that holds both the key and account_id says whose key it is, from the day of its row on."""
    for source in sorted(tables):
        table = tables[source]
        if key in table.columns and "account_id" in table.columns and source != "usage":
            from_day = pl.col("day") if "day" in table.columns else _always()
            claims.add(
                table.select(
                    pl.concat_str(pl.lit(f"{PREFIX.get(key, key)}:"), key).alias("raw_id"),
                    "account_id",
                    from_day.alias("from_day"),
                ),
                source,
                1,
            )


def _claim_contacts(claims: _Claims, contacts: pl.DataFrame) -> None:
    if "account_id" not in contacts.columns:
        return
    since = (
        pl.col("created_at").to_physical().cast(pl.Int32) if "created_at" in contacts.columns else _always()
    )
    for column in ("user_id", "email"):
        if column in contacts.columns:
            prefix = PREFIX.get(column, column)
            claims.add(
                contacts.select(
                    pl.concat_str(pl.lit(f"{prefix}:"), column).alias("raw_id"),
                    "account_id",
                    since.alias("from_day"),
                ),
                "contacts",
                2,
            )


def _settle(claims: pl.DataFrame, known: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """One account per raw id and day: a claim holds until a later one takes over, the first also before.

    Two accounts that claim one id from the same day are a conflict: the id is left to nobody, and noted.
    """
    best = claims.join(known, on="account_id", how="semi", maintain_order="left").filter(
        pl.col("rank") == pl.col("rank").min().over("raw_id")
    )
    single = best.filter(pl.col("account_id").n_unique().over("raw_id") == 1)
    single = single.sort("raw_id", "evidence").unique("raw_id", keep="first", maintain_order=True)
    open_span = (pl.lit(None, pl.Int32).alias("from_day"), pl.lit(None, pl.Int32).alias("to_day"))
    settled = single.select("raw_id", "account_id", *open_span, "evidence")
    several = best.join(single.select("raw_id"), on="raw_id", how="anti", maintain_order="left")
    if several.is_empty():
        return settled
    starts = several.select("raw_id", "from_day", "account_id", "evidence").unique(
        ["raw_id", "from_day", "account_id"]
    )
    torn = starts.filter(pl.struct("raw_id", "from_day").is_duplicated())["raw_id"].unique().sort()
    if len(torn):
        notes.append(
            f"{len(torn)} ids are claimed by two accounts at once and left to neither: {_some(torn)}"
        )
    moved = starts.filter(~pl.col("raw_id").is_in(torn.implode())).sort(
        "raw_id", "from_day", nulls_last=False
    )
    moved = moved.filter(
        (pl.col("account_id") != pl.col("account_id").shift(1).over("raw_id")).fill_null(True)
    )
    moved = moved.with_columns(
        (pl.col("from_day").shift(-1).over("raw_id") - 1).alias("to_day"),
        pl.when(pl.col("raw_id").is_first_distinct())
        .then(None)
        .otherwise(pl.col("from_day"))
        .alias("from_day"),
    )
    count = moved["raw_id"].n_unique()
    if count:
        notes.append(
            f"{count} ids moved from one account to another: {_some(moved['raw_id'].unique().sort())}"
        )
    return pl.concat([settled, moved.select("raw_id", "account_id", "from_day", "to_day", "evidence")])


def _addresses(contacts: pl.DataFrame | None, seen: pl.Series) -> pl.DataFrame:
    """raw_id, domain: addresses seen, and users whose contact has an address."""
    ids = seen.drop_nulls().unique().sort()
    mails = pl.DataFrame({"raw_id": ids.filter(ids.str.starts_with("email:"))}, schema={"raw_id": pl.String})
    found = [mails.with_columns(pl.col("raw_id").str.extract(r"@([^@]+)$").alias("domain"))]
    if contacts is not None and {"user_id", "email"} <= set(contacts.columns):
        both = contacts.filter(pl.col("user_id").is_not_null() & pl.col("email").is_not_null())
        domain = pl.col("email").str.extract(r"@([^@]+)$")
        users = both.select(pl.concat_str(pl.lit("user:"), "user_id").alias("raw_id"), domain.alias("domain"))
        own = both.select(pl.concat_str(pl.lit("email:"), "email").alias("raw_id"), domain.alias("domain"))
        found += [users, own]
    return pl.concat(found).drop_nulls().unique().sort("raw_id", "domain")


def _domain_owners(domains: pl.DataFrame | None, notes: list[str]) -> pl.DataFrame:
    """domain, account_id: domains of exactly one account, mail providers left out."""
    if domains is None:
        return pl.DataFrame(schema={"domain": pl.String, "account_id": pl.String})
    split = (
        domains.drop_nulls()
        .select("account_id", pl.col("domains").str.to_lowercase().str.split("|").alias("domain"))
        .explode("domain")
        .with_columns(pl.col("domain").str.replace_all(r"[;,\s]+", "|").str.split("|"))
        .explode("domain")
        .with_columns(pl.col("domain").str.strip_chars().str.strip_prefix("@").str.strip_prefix("www."))
        .filter((pl.col("domain") != "") & ~pl.col("domain").is_in(sorted(FREE_MAIL)))
        .unique()
        .sort("domain", "account_id")
    )
    torn = split.filter(pl.col("domain").is_duplicated())["domain"].unique().sort()
    if len(torn):
        notes.append(f"{len(torn)} domains belong to two accounts and join to neither: {_some(torn)}")
    return split.filter(~pl.col("domain").is_duplicated()).select("domain", "account_id")


def _by_domain(mails: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Rows of the mapping for addresses whose domain, or a parent of it, belongs to an account."""
    found: list[pl.DataFrame] = []
    rest = mails.filter(~pl.col("domain").is_in(sorted(FREE_MAIL)))
    for _ in range(4):
        hit = rest.join(owners, on="domain", maintain_order="left")
        found.append(hit)
        rest = rest.join(owners, on="domain", how="anti", maintain_order="left")
        rest = rest.with_columns(pl.col("domain").str.replace(r"^[^.]+\.", "")).filter(
            pl.col("domain").str.contains(".", literal=True)
        )
    hits = pl.concat(found)
    # A user with addresses of two companies belongs to neither by domain.
    hits = hits.filter(pl.col("account_id").n_unique().over("raw_id") == 1)
    return hits.unique("raw_id", keep="first", maintain_order=True).select(
        "raw_id",
        "account_id",
        pl.lit(None, pl.Int32).alias("from_day"),
        pl.lit(None, pl.Int32).alias("to_day"),
        pl.format("domain {}", "domain").alias("evidence"),
    )


def _some(values: pl.Series) -> str:
    return ", ".join(values.head(3)) + (f" and {len(values) - 3} more" if len(values) > 3 else "")
