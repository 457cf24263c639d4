"""Who is left out on purpose: accounts and people, each with the first reason that applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.errors import Problem
from segkit.facts.accounts.ledger import DAY, ID, PRESENT
from segkit.facts.excluded.consent import Consent
from segkit.facts.excluding import NO_CONSENT, TEST, Entry, glob
from segkit.facts.identity.ids import prefixed
from segkit.facts.rawids import PEOPLE
from segkit.facts.samples import Samples

REASON = "reason"
NO_PEOPLE = pl.Series("user_key", [], dtype=pl.String)


class LeftOut(Struct, frozen=True):
    """accounts: account_id, reason. people: user_key, reason, person. One line each, sorted."""

    accounts: pl.DataFrame
    people: pl.DataFrame

    def counts(self) -> list[tuple[str, int, int]]:
        """(reason, accounts, people), sorted by reason."""
        accounts = dict(self.accounts.group_by(REASON).len().iter_rows())
        people = dict(self.people.group_by(REASON).agg(pl.col("person").n_unique()).iter_rows())
        return [(why, accounts.get(why, 0), people.get(why, 0)) for why in sorted({*accounts, *people})]

    def without_accounts(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with account_id, but those of accounts that are left out."""
        if self.accounts.is_empty():
            return rows
        return rows.filter(
            ~pl.col("account_id").is_in(self.accounts["account_id"].implode()).fill_null(False)
        )

    def without_refusing(self, ledger: pl.DataFrame) -> pl.DataFrame:
        """The ledger without accounts that do not consent: nothing of them is remembered."""
        return LeftOut(self.accounts.filter(pl.col(REASON) == NO_CONSENT), self.people).without_accounts(
            ledger
        )

    @property
    def nobody(self) -> bool:
        return self.accounts.is_empty() and self.people.is_empty()

    def reasons(self, rows: pl.DataFrame) -> pl.Series:
        """Why each row is left out, null where it is not.

        By account_id, raw_id, user_id, email or people (ids of everybody in the row), as far as it has them.
        """
        found: list[pl.Expr] = []
        if self.people.height:
            by_person = dict(self.people.select("user_key", REASON).iter_rows())
            found += [_named(prefixed(name), by_person) for name in PEOPLE if name in rows.columns]
            if "people" in rows.columns:
                each = pl.element().replace_strict(by_person, default=None, return_dtype=pl.String)
                found.append(pl.col("people").list.eval(each.drop_nulls()).list.first())
        if self.accounts.height:
            by_account = dict(self.accounts.iter_rows())
            found.append(_named(pl.col("account_id"), by_account))
            raw = {f"account:{account}": reason for account, reason in by_account.items()}
            found.append(_named(pl.col("raw_id"), raw))
        if not found:
            return pl.Series(REASON, [None], dtype=pl.String).new_from_index(0, rows.height)
        return rows.select(pl.coalesce(found).alias(REASON)).to_series()


def _named(key: pl.Expr, reasons: Mapping[str, str]) -> pl.Expr:
    return key.replace_strict(reasons, default=None, return_dtype=pl.String)


def who_is_left_out(
    versions: pl.DataFrame,
    accounts: Sequence[str],
    persons: pl.DataFrame,
    people: pl.Series,
    consent: Consent,
    entries: Sequence[Entry],
    dropped: Mapping[str, int],
    samples: Samples,
) -> tuple[LeftOut, list[Problem]]:
    """And D112 for patterns that match nothing.

    versions: account versions known by as_of. accounts: every id, listed or not. persons: user_key, person of
    ids that are joined. people: see `user_keys`. dropped: see `unused`.
    """
    newest = newest_versions(versions)
    left = LeftOut(
        accounts_left_out(newest, accounts, consent, entries),
        people_left_out(persons, people, consent, entries),
    )
    names = newest["name"] if "name" in newest.columns else pl.Series([], dtype=pl.String)
    return left, unused(entries, accounts, names, people, dropped, samples)


def user_keys(
    tables: Mapping[str, pl.DataFrame],
    contacts: pl.DataFrame | None,
    ids: pl.Series,
    parts: pl.DataFrame | None,
) -> pl.Series:
    """`user:7`, `email:x@y.z` of everybody who occurs anywhere."""
    frames = [*tables.values(), *([] if contacts is None else [contacts])]
    found = [
        rows.select(prefixed(name)).to_series() for rows in frames for name in PEOPLE if name in rows.columns
    ]
    found += [] if parts is None else [parts["people"].explode()]
    found += [ids.filter(ids.str.contains(r"^(user|email):"))]
    return pl.concat([each.alias("user_key") for each in found]).drop_nulls().unique().sort()


def accounts_left_out(
    newest: pl.DataFrame, known: Sequence[str], consent: Consent, entries: Sequence[Entry]
) -> pl.DataFrame:
    """newest: account_id, perhaps name and is_test, as known by as_of. known: every id, listed or not."""
    claims = _Claims(ID)
    ids = pl.Series(ID, known, dtype=pl.String)
    claims.add(ids.filter(consent.refused("account:" + ids)), NO_CONSENT)
    if "is_test" in newest.columns:
        claims.add(newest.filter(pl.col("is_test"))[ID], TEST)
    for entry in entries:
        claims.add(_accounts_like(entry.accounts, newest, known), entry.reason)
    return claims.settled()


def people_left_out(
    persons: pl.DataFrame, seen: pl.Series, consent: Consent, entries: Sequence[Entry]
) -> pl.DataFrame:
    """persons: user_key, person of ids that are joined. seen: user keys (`user:7`, `email:x@y.z`) that occur.

    What leaves out one id of a person leaves out all of them.
    """
    claims = _Claims("user_key")
    claims.add(seen.filter(consent.refused(seen)), NO_CONSENT)
    for entry in entries:
        claims.add(people_like(entry.users, seen), entry.reason)
    return claims.people(persons)


def people_like(patterns: Sequence[str], seen: pl.Series) -> pl.Series:
    kind, value = seen.str.extract(r"^([^:]+):"), seen.str.extract(r"(?s)^[^:]+:(.*)$")
    user = (kind == "user") & value.str.contains(glob(patterns, any_case=False))
    mail = value.str.contains("@", literal=True) & value.str.contains(glob(patterns, any_case=True))
    return seen.filter((user | mail).fill_null(False)).unique().sort() if patterns else seen.clear()


def _accounts_like(patterns: Sequence[str], newest: pl.DataFrame, known: Sequence[str]) -> pl.Series:
    ids = pl.Series(ID, known if patterns else [], dtype=pl.String)
    hits = [ids.filter(ids.str.contains(glob(patterns, any_case=False)))]
    if "name" in newest.columns and patterns:
        hits.append(newest.filter(pl.col("name").str.contains(glob(patterns, any_case=True)))[ID])
    return pl.concat(hits).unique().sort()


class _Claims:
    """Ids with a reason each; of several reasons the one that was added first counts."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._found = [pl.DataFrame(schema={column: pl.String, REASON: pl.String, "rank": pl.Int64})]

    def add(self, ids: pl.Series, reason: str) -> None:
        rank = pl.lit(len(self._found), pl.Int64).alias("rank")
        self._found.append(
            ids.drop_nulls()
            .alias(self._column)
            .to_frame()
            .select(self._column, pl.lit(reason).alias(REASON), rank)
        )

    def settled(self) -> pl.DataFrame:
        """One line per id, sorted."""
        return self._first(pl.concat(self._found))

    def people(self, together: pl.DataFrame) -> pl.DataFrame:
        """The same with person. `together`: user_key, person; what is said of one id holds for all."""
        whole = pl.concat(self._found)
        said = whole.join(together, on="user_key", maintain_order="left").drop("user_key")
        others = said.join(together, on="person", maintain_order="left").select(whole.columns)
        first = self._first(pl.concat([whole, others]))
        named = first.join(together, on="user_key", how="left", maintain_order="left")
        return named.with_columns(pl.coalesce("person", "user_key"))

    def _first(self, claims: pl.DataFrame) -> pl.DataFrame:
        ranked = claims.sort(self._column, "rank")
        return ranked.unique(self._column, keep="first", maintain_order=True).drop("rank")


def unused(
    entries: Sequence[Entry],
    accounts: Sequence[str],
    names: pl.Series,
    seen: pl.Series,
    events: Mapping[str, int],
    samples: Samples,
) -> list[Problem]:
    """D112, a warning for each pattern that matches nothing: misspelt, or no longer needed.

    events: pattern -> rows it left out.
    """
    ids = pl.Series(accounts, dtype=pl.String)
    problems: list[Problem] = []
    for entry in entries:
        silent = [("users", one) for one in entry.users if people_like([one], seen).is_empty()]
        for one in entry.accounts:
            by_id = ids.str.contains(glob([one], any_case=False)).any()
            if not by_id and not names.str.contains(glob([one], any_case=True)).any():
                silent.append(("accounts", one))
        silent += [("events", one) for one in entry.events if not events.get(one)]
        for kind, pattern in silent:
            what = f"exclude: no {kind[:-1]} is like '{pattern}' ({entry.reason})"
            shown = samples.text(what)
            # The line of segkit.yaml would show what the sentence does not.
            where = entry.where if shown == what or entry.where is None else replace(entry.where, text=None)
            problems.append(Problem("D112", shown, where, _hint(kind), "warning"))
    return problems


def _hint(kind: str) -> str:
    if kind == "events":
        return "events are compared as written; * stands for any characters"
    other = "e-mail addresses" if kind == "users" else "names"
    return f"ids are compared as written, {other} in any case; * stands for any characters"


def newest_versions(versions: pl.DataFrame) -> pl.DataFrame:
    """One line per account: what its newest snapshot says that names it."""
    named = versions.filter(pl.col(PRESENT)) if PRESENT in versions.columns else versions
    return named.sort(ID, DAY).unique(ID, keep="last", maintain_order=True)
