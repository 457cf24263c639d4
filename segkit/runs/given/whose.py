"""Which account is meant: by its id, its name, a domain, an id that it had before, a word of its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from segkit.errors import ConfigError, Problem
from segkit.facts.pseudonyms import Pseudonyms
from segkit.facts.types import Facts
from segkit.reports.frames import crm
from segkit.ruleset.suggest import did_you_mean

SHOWN = 8
_NO_DOMAIN = re.compile(r"^(?:https?://)?(?:www\.)?|^.*@|[/?#].*$")


def account_called(facts: Facts, asked: str, names: Pseudonyms | None = None) -> tuple[str, str]:
    """(id, name). With `names` a pseudonym means an account, too, and errors name none.

    Raises: ConfigError (S156) for none or several that may be meant.
    """
    if names is not None:
        asked = names.meant(asked, facts.roster.accounts) or asked
    known = crm(facts).select("account_id", "name")
    word = asked.strip().lower()
    lowered = known.select(pl.col("account_id").str.to_lowercase(), pl.col("name").str.to_lowercase())
    ids, titles = lowered.get_columns()
    ways = (
        known["account_id"] == asked,
        ids == word,
        titles == word,
        known["account_id"].is_in(_by_domain(facts, word)),
        known["account_id"].is_in(_by_alias(facts, asked.strip())),
        _words_of(titles, word),
    )
    for way in ways:
        found = known.filter(way)
        if found.height == 1:
            return str(found["account_id"][0]), str(found["name"][0])
        if found.height:
            raise _unclear(asked, found, told=names is None)
    close = did_you_mean(asked, [*known["name"], *known["account_id"]] if names is None else [])
    raise ConfigError(Problem("S156", f"no account is called '{asked}'", hint=close))


def _unclear(asked: str, found: pl.DataFrame, *, told: bool) -> ConfigError:
    shown = [f"{account} ({name})" for account, name in found.head(SHOWN).iter_rows()]
    more = [f"and {found.height - SHOWN} more"] if found.height > SHOWN else []
    what = f"{found.height} accounts may be meant by '{asked}'"
    hint = "say which, by id: " + ", ".join([*shown, *more]) if told else "ask by id"
    return ConfigError(Problem("S156", what, hint=hint))


def _by_domain(facts: Facts, word: str) -> Sequence[str]:
    """Accounts whose newest snapshots list the domain, or one that it belongs to."""
    snapshots = facts.roster.snapshots
    domain = re.sub(_NO_DOMAIN, "", word)
    if "domains" not in snapshots.columns or "." not in domain:
        return []
    rows = facts.roster.snapshot[:, -1]
    listed = pl.concat([snapshots["domains"], pl.Series("domains", [None], dtype=pl.String)])[rows]
    theirs = pl.DataFrame({"account_id": pl.Series(facts.roster.accounts, dtype=pl.String), "domain": listed})
    each = theirs.with_columns(pl.col("domain").str.to_lowercase().str.extract_all(r"[^\s;,|]+")).explode(
        "domain"
    )
    mine = each.filter(
        (pl.col("domain") == domain) | pl.lit(domain).str.ends_with(pl.concat_str(pl.lit("."), "domain"))
    )
    return mine["account_id"].unique().sort().to_list()


def _by_alias(facts: Facts, asked: str) -> Sequence[str]:
    """Accounts that an id or address means today."""
    raw = [f"{kind}:{asked}" for kind in ("account", "email", "user")]
    today = facts.mapping.filter(pl.col("raw_id").is_in(raw), pl.col("to_day").is_null())
    return today["account_id"].drop_nulls().unique().sort().to_list()


def _words_of(names: pl.Series, word: str) -> pl.Series:
    """Names with a word that begins so."""
    if len(word) < 2:
        return pl.Series([False] * len(names), dtype=pl.Boolean)
    return names.str.contains(rf"(?:^|[^\p{{L}}\p{{N}}]){re.escape(word)}")
