"""Pauses: weeks in which accounts are not to be judged, because somebody says so.

A row names an account, or in `group` an attribute with its value (`industry = Retail`), or `all`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from msgspec import Struct, field

from segkit.facts.accounts.ledger import DAY, ID
from segkit.facts.by_hand.faults import Fault, Known, begun, meant, refuse, whole
from segkit.facts.rows.parse import text
from segkit.facts.samples import is_personal
from segkit.facts.tables import Table
from segkit.facts.types import Roster, Words

PAUSES: Mapping[str, Any] = {
    "account_id": pl.String,
    "attribute": pl.String,
    "value": pl.String,
    "first": pl.Int32,
    "last": pl.Int32,
    "reason": pl.String,
    "metrics": pl.List(pl.String),
}
"""Columns of `Facts.pauses`."""
EVERYBODY = "all"
_GROUP = re.compile(r"""\s*(?P<attribute>[A-Za-z_]\w*)\s*=\s*(?P<quote>["']?)(?P<value>.+?)(?P=quote)\s*""")
_BETWEEN = re.compile(r"[\s,;|]+")


def take_pauses(table: Table, roster: Roster, words: Words | None, until: int) -> tuple[Table, pl.DataFrame]:
    """The list without the rows that name nothing known, and the pauses begun by the epoch day `until`.

    Without `words` nobody looks at the names of metrics.
    """
    left = refuse(whole(table), _Checks(Known.of(roster, table), roster.snapshots, words).faults)
    rows = begun(left.rows, until)
    group = [_parts(written) for written in rows["group"]]
    pauses = pl.DataFrame(
        {
            "account_id": rows["account_id"],
            "attribute": [attribute for attribute, _ in group],
            "value": [value for _, value in group],
            "first": rows["from"].to_physical(),
            "last": rows["to"].to_physical(),
            "reason": rows["reason"],
            "metrics": [sorted(set(_named(written))) for written in rows["metrics"]],
        },
        schema=PAUSES,
    )
    ordered = pauses.sort(pl.exclude("metrics"), pl.col("metrics").list.join(","))
    return left, ordered.unique(maintain_order=True)


def attribute_texts(column: pl.Series) -> pl.Series:
    """An attribute as `group` writes its values: 7 for 7.0, true, 2026-11-15."""
    return text(column)


def _named(written: str | None) -> list[str]:
    """The words of a list of metrics; none where it is empty."""
    return [word for word in _BETWEEN.split(written or "") if word]


def _parts(group: str | None) -> tuple[str | None, str | None]:
    found = _GROUP.fullmatch(group or "")
    return (found["attribute"], found["value"]) if found else (None, None)


class _Checks(Struct, frozen=True):
    known: Known
    snapshots: pl.DataFrame
    words: Words | None
    _values: dict[str, frozenset[str]] = field(default_factory=dict)

    def faults(self, row: Mapping[str, Any]) -> Iterator[Fault]:
        """What is wrong with a row, the first column first."""
        account, group = row["account_id"], row["group"]
        if account is not None:
            yield from self.known.faults(account)
        if group is not None:
            if account is not None:
                yield Fault("group", "D222", "the row names an account and a group: write two rows")
            yield from self._group(group)
        if row["to"] < row["from"]:
            yield Fault("to", "D220", f"it ends before it begins: {row['from']} to {row['to']}")
        if self.words is not None:
            wrong = filter(None, map(self.words.metric, _named(row["metrics"])))
            yield from (Fault("metrics", "D223", why) for why in wrong)

    def _group(self, group: str) -> Iterator[Fault]:
        attribute, value = _parts(group)
        attributes = [name for name in self.snapshots.columns if name not in (DAY, ID)]
        if group.strip().lower() == EVERYBODY:
            return
        if attribute is None or value is None:
            yield Fault("group", "D222", f"'{group}' names no group: write industry = Retail, or all")
        elif attribute not in attributes:
            said = f"accounts have no attribute '{attribute}'"
            yield Fault("group", "D222", said + meant(attribute, attributes))
        elif value not in self._of(attribute):
            if is_personal(attribute):
                yield Fault("group", "D222", f"no account has that {attribute}")
            else:
                said = f"no account has {attribute} '{value}'"
                yield Fault("group", "D222", said + meant(value, self._of(attribute)))

    def _of(self, attribute: str) -> frozenset[str]:
        if attribute not in self._values:
            texts = attribute_texts(self.snapshots[attribute])
            self._values[attribute] = frozenset(texts.drop_nulls())
        return self._values[attribute]
