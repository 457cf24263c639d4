"""An explanation that names nobody, for a workspace that says `pseudonymise: true`."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.explaining.explained import Compared, Onward, SegmentShown, Shown, Value
from segkit.facts.pseudonyms import Pseudonyms
from segkit.facts.samples import HIDDEN, tells_who
from segkit.reports.explained.explanation import Explanation
from segkit.reports.pseudonymous import Why
from segkit.ruleset.model import RuleSet


def veiled(told: Explanation, rules: RuleSet, names: Pseudonyms) -> Explanation:
    """The same under the names that outputs use, without values that tell who somebody is."""
    veil = _Veil(Why.of(rules), names, any(tells_who(peer) for peer in rules.peers))
    story, account = told.story, names.account(told.story.account_id)
    return replace(
        told,
        name=account,
        csm=None if told.csm is None else names.employee(told.csm),
        moves=veil.rows(told.moves),
        onward=veil.onward(told.onward),
        story=replace(
            story,
            account_id=account,
            segments=tuple(map(veil.segment, story.segments)),
            compared=tuple(map(veil.compared, story.compared)),
            assignment=veil.row(story.assignment),
            transitions=veil.rows(story.transitions),
            overridden=veil.rows(story.overridden),
            paused=veil.row(story.paused),
        ),
    )


class _Veil(Struct, frozen=True):
    why: Why
    names: Pseudonyms
    grouped: bool
    """Accounts are peers by whose they are."""

    def segment(self, shown: SegmentShown) -> SegmentShown:
        return replace(
            shown,
            enter=self.tree(shown.enter),
            exit=None if shown.exit is None else self.tree(shown.exit),
            at_once=None if shown.at_once is None else self.tree(shown.at_once),
            lacking=tuple(map(self.tree, shown.lacking)),
            hangs_on=tuple(map(self.tree, shown.hangs_on)),
        )

    def tree(self, shown: Shown) -> Shown:
        text = self.why.hide(shown.text)
        found = replace(shown, text=text, inside=tuple(map(self.tree, shown.inside)))
        if shown.reading is None:
            return found
        said = None if shown.reading.said is None else self.why.hide(shown.reading.said)
        if text == shown.text:
            return replace(found, reading=replace(shown.reading, said=said))
        value = Value(shown.reading.value.key, None, HIDDEN, shown.reading.value.why)
        return replace(found, reading=replace(shown.reading, value=value, limits=(), said=said))

    def onward(self, onward: Onward) -> Onward:
        change = onward.smallest
        hidden = change is not None and self.why.hide(change.text) != change.text
        return replace(onward, smallest=None) if hidden else onward

    def compared(self, compared: Compared) -> Compared:
        if not self.grouped or compared.peers is None:
            return compared
        return replace(compared, peers=self.names.group(compared.peers))

    def row(self, row: Mapping[str, object] | None) -> Mapping[str, object] | None:
        """A row of one account, its reason without people."""
        if row is None:
            return None
        frame = self.rows(pl.DataFrame([row], infer_schema_length=None))
        return frame.row(0, named=True)

    def rows(self, rows: pl.DataFrame) -> pl.DataFrame:
        if "account_id" in rows.columns:
            rows = rows.with_columns(account_id=self.names.accounts(rows["account_id"]))
        if "because" in rows.columns:
            rows = rows.with_columns(because=self.why.without_people(rows["because"]))
        if "peers" in rows.columns and self.grouped:
            rows = rows.with_columns(peers=pl.lit(None, pl.String))
        return rows
