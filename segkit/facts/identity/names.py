"""People by their names: what counts as one name, who is one person by it, and whose account that tells.

A name is kept as a number only (a hash of its plain form): what is needed is whether two are the same.
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl
from msgspec import Struct

from segkit.facts.identity.claims import CLAIMS, NO_CLAIMS
from segkit.facts.identity.clusters import SHARED, generic
from segkit.facts.identity.lists import words
from segkit.facts.identity.resolve import resolve

NAMES = {"raw_id": pl.String, "user_key": pl.String, "name": pl.UInt64, "day": pl.Int32}
"""Sightings of a name with a user: as kept of the usage rows, one line per day."""
NO_NAMES = pl.DataFrame(schema=NAMES)
MOST_ADDRESSES = 8
"""Users that one name may have before it counts as too common to say who somebody is."""
MOST_NAMES = 4
"""Names that one user may have before it counts as shared by several humans."""
REMEMBERED = 730
"""Days for which an address without an account belongs where its name was last seen to belong."""
_TITLES = frozenset(["dr", "jr", "mr", "mrs", "ms", "prof", "sr", "phd", "ii", "iii"])
_SPELT = r"^([a-z]{2,})[._]([a-z]{2,})$"


def plain_name(text: str) -> str | None:
    """The form in which two spellings of one name are the same; None for what is no full name of a human.

    Case, accents, punctuation, titles, initials, remarks in brackets and the order of the words play no part.
    """
    if "@" in text:
        return None
    wide = unicodedata.normalize("NFKD", re.sub(r"[(\[].*?[)\]]", " ", text).casefold())
    bare = unicodedata.normalize("NFC", "".join(c for c in wide if not unicodedata.combining(c)))
    parts = [word for word in re.findall(r"[^\W_]+", bare) if word not in _TITLES]
    long = [word for word in parts if len(word) > 1 or ord(word) >= 0x2E80]
    parts = long if len(long) > 1 else parts
    alone = len(parts) == 1 and len(parts[0]) > 1 and ord(parts[0][0]) >= 0x2E80
    if not long or (len(parts) < 2 and not alone) or set(parts) <= words("roles") | words("no_names"):
        return None
    return " ".join(sorted(parts))


def name_table(rows: pl.DataFrame) -> pl.DataFrame:
    """NAMES of usage rows (raw_id, user_key, user_name, day).

    A row without a full name counts under the one that its address spells (ann.li@acme.com).
    """
    seen = rows.select("raw_id", "user_key", "user_name", "day").unique()
    seen = seen.drop_nulls("user_key")
    local = pl.col("user_key").str.extract(r"^email:([^@]+)@")
    spelt = pl.when(local.str.contains(_SPELT)).then(local.str.replace(_SPELT, "$1 $2"))
    told = seen.with_columns(_plain(seen["user_name"]).alias("told"), spelt.alias("spelt"))
    told = told.with_columns(pl.coalesce("told", _plain(told["spelt"])).alias("plain")).drop_nulls("plain")
    named = told.select("raw_id", "user_key", pl.col("plain").hash(seed=17).alias("name"), "day")
    return named.unique().sort(*NAMES)


class Usable(Struct, frozen=True):
    """sightings: NAMES that say who somebody is. shared: users and names that do not, see clusters.SHARED."""

    sightings: pl.DataFrame
    shared: pl.DataFrame


def usable(sightings: pl.DataFrame) -> Usable:
    """Sightings without addresses of roles, of users from the day on which they have too many names, and of
    names from the day on which too many users have them. What a name told before that day stays told.
    """
    if sightings.is_empty():
        return Usable(sightings, pl.DataFrame(schema=SHARED))
    mail = pl.col("user_key").str.starts_with("email:")
    role = mail & generic(pl.col("user_key").str.strip_prefix("email:"))
    seen = sightings.filter(~role)
    seen, several = _until_too_many(seen, "user_key", "name", MOST_NAMES)
    seen, common = _until_too_many(seen, "name", "user_key", MOST_ADDRESSES)
    seen = seen.sort(*NAMES)
    shared = pl.concat(
        [
            several.select(id="user_key", ids="ids", why=pl.lit("seen under too many names")),
            common.select(id="user_key", ids="ids", why=pl.lit("a name that too many have")),
        ]
    )
    return Usable(seen, shared.cast(SHARED).sort("id", "ids"))  # type: ignore[arg-type]


def _until_too_many(seen: pl.DataFrame, of: str, what: str, most: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(sightings before the day on which `of` was seen with more than `most` different `what`; ids, how many,
    and user_key, the smallest, of those that were)."""
    firsts = seen.group_by(of, what).agg(pl.col("day").min())
    nth = pl.col("day").sort().get(most, null_on_oob=True).alias("too_many")
    keys = seen.group_by(of).agg(pl.col("user_key").min().alias("smallest"))
    over = firsts.group_by(of).agg(nth, pl.len().alias("ids")).drop_nulls("too_many").join(keys, on=of)
    before = pl.col("too_many").is_null() | (pl.col("day") < pl.col("too_many"))
    kept = seen.join(over.select(of, "too_many"), on=of, how="left").filter(before).drop("too_many")
    return kept, over.select(ids="ids", user_key="smallest")


def claims_by_name(sightings: pl.DataFrame, mapping: pl.DataFrame) -> pl.DataFrame:
    """Claims on users that nothing else settles, by the accounts at which their name was seen before.

    A name belongs where it was last seen to belong, for REMEMBERED days; on a day on which it was seen at two
    accounts it tells nothing. Only what was seen by a day says anything about the day.
    """
    if sightings.is_empty():
        return NO_CLAIMS
    placed = resolve(sightings, mapping, "day").drop_nulls("account_id")
    days = placed.group_by("name", "day").agg(
        pl.col("account_id").min(),
        pl.col("account_id").n_unique().alias("accounts"),
        pl.col("user_key").min(),
    )
    days = days.sort("name", "day").with_columns((pl.col("day").shift(-1).over("name") - 1).alias("next"))
    known = days.filter(pl.col("accounts") == 1).with_columns(
        pl.min_horizontal("next", pl.col("day") + REMEMBERED).alias("last")
    )
    goes_on = pl.all_horizontal(
        pl.col("name") == pl.col("name").shift(1),
        pl.col("account_id") == pl.col("account_id").shift(1),
        pl.col("day") == pl.col("last").shift(1) + 1,
    )
    runs = known.with_columns((~goes_on.fill_null(False)).cum_sum().alias("run"))
    spans = runs.group_by("run", maintain_order=True).agg(
        pl.col("name", "account_id").first(),
        pl.col("user_key").min().alias("seen_as"),
        pl.col("day").first().alias("from_day"),
        pl.col("last").last().alias("to_day"),
    )
    names = (
        sightings.select("raw_id", "user_key", "name").unique().filter(pl.col("raw_id") == pl.col("user_key"))
    )
    names = names.join(mapping.select("raw_id").unique(), on="raw_id", how="anti")
    found = names.join(spans, on="name")
    return (
        found.select(
            "raw_id",
            "account_id",
            "from_day",
            "to_day",
            pl.lit("name").alias("kind"),
            pl.format("same name as {}", "seen_as").alias("evidence"),
            *(pl.lit(None).alias(name) for name in list(CLAIMS)[-3:]),
        )
        .cast(CLAIMS)  # type: ignore[arg-type]
        .sort("raw_id", "from_day", "account_id")
    )


def persons_by_name(sightings: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """user_key, from_day, person: users that share a name with others, from the day on which it was seen.

    listed: user_key, person of the contact list, whose persons stay as they are: a name brings further users
    to one of them, and one that two of them have says nothing. A user has a line for each day on which its
    person is called otherwise: after a listed one, else after its smallest user id or address.
    """
    schema = {"user_key": pl.String, "from_day": pl.Int32, "person": pl.String}
    if sightings.is_empty():
        return pl.DataFrame(schema=schema)
    people = sightings.join(listed, on="user_key", how="left").with_columns(
        pl.coalesce("person", "user_key").alias("person")
    )
    torn = people.join(listed.select("person").unique(), on="person", how="semi")
    torn = torn.group_by("name").agg(pl.col("person").n_unique()).filter(pl.col("person") > 1)
    links = people.join(torn, on="name", how="anti").filter(pl.col("person").n_unique().over("name") > 1)
    links = links.group_by("person", "name").agg(pl.col("day").min()).sort("day", "person", "name")
    fixed = set(listed["person"])
    cluster: dict[str, list[str]] = {}
    holder: dict[int, str] = {}
    called: dict[str, str] = {}
    lines: list[tuple[str, int, str]] = []
    for person, name, day in links.iter_rows():
        mine = cluster.setdefault(person, [person])
        called.setdefault(person, person)
        theirs = cluster[holder.setdefault(name, person)]
        if mine is theirs or len({called[mine[0]], called[theirs[0]]} & fixed) > 1:
            continue
        whole = sorted(mine + theirs)
        label = min(whole, key=lambda each: (each not in fixed, not each.startswith("user:"), each))
        lines += [(each, day, label) for each in whole if called[each] != label]
        called |= dict.fromkeys(whole, label)
        cluster |= dict.fromkeys(whole, whole)
    return pl.DataFrame(lines, schema=schema, orient="row").sort("user_key", "from_day")


def _plain(texts: pl.Series) -> pl.Series:
    """plain_name of each text, worked out once for each that differs."""
    different = texts.unique().drop_nulls()
    plain = pl.Series([plain_name(text) for text in different], dtype=pl.String)
    return texts.replace_strict(different, plain, default=None, return_dtype=pl.String)
