"""Answers that name nobody: pseudonyms for accounts and employees, the same in every run.

Everything is decided under the real ids; only what people are handed is told under other names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.capacity import NOBODY_COUNTS, CapacityFile
from segkit.engine.baselines.standing import EVERYBODY, Drawn
from segkit.engine.results import Decisions
from segkit.facts.load import Loaded
from segkit.facts.pseudonyms import Pseudonyms
from segkit.facts.samples import HIDDEN, tells_who
from segkit.reports.definitions import Definitions, definitions
from segkit.reports.frames import assignments, transitions
from segkit.reports.voices import by_trait, shown_traits
from segkit.reports.worklist import in_order, key_of, worklist
from segkit.ruleset.expr import Attribute, Condition, Metric, Trait, operands
from segkit.ruleset.model import RuleSet


class Answers(Struct, frozen=True):
    """What was decided, as it may be shown; columns as those of frames.assignments, frames.transitions
    and worklist.WORKLIST."""

    assignments: pl.DataFrame
    transitions: pl.DataFrame
    worklist: pl.DataFrame
    decisions: Decisions
    definitions: Definitions
    traits: pl.DataFrame
    """What accounts said, by segment: columns `voices.TRAITS`."""
    capacity: CapacityFile = NOBODY_COUNTS
    """By the names that the work list gives to owners."""


def answers(
    rules: RuleSet,
    loaded: Loaded,
    decisions: Decisions,
    moves: pl.DataFrame,
    capacity: CapacityFile = NOBODY_COUNTS,
    begun: date | None = None,
) -> Answers:
    """`moves`: rows of transitions. `begun`: as_of of the first published run. Under the real names, or the
    workspace says `pseudonymise: true`.
    """
    names = loaded.samples.pseudonyms
    assigned = assignments(rules, loaded.facts, decisions)
    found = Answers(
        assigned,
        transitions(rules, loaded.facts, moves),
        worklist(rules, loaded.facts, decisions, capacity, begun),
        decisions,
        definitions(rules),
        by_trait(assigned, shown_traits(loaded.facts, hidden=names is not None)),
        capacity,
    )
    return found if names is None else _veiled(found, rules, names)


def _veiled(found: Answers, rules: RuleSet, names: Pseudonyms) -> Answers:
    whose, why = _Whose(names), Why.of(rules)
    rows = whose.of(found.assignments)
    rows = rows.with_columns(
        name=rows["account_id"], csm=names.employees(rows["csm"]), because=why.without_people(rows["because"])
    )
    moved = whose.of(found.transitions)
    moved = moved.with_columns(name=moved["account_id"], because=why.without_people(moved["because"]))
    decided = whose.decisions(found.decisions)
    if decided.groups is not None:
        decided = replace(decided, groups=grouped(rules, decided.groups, names, column="group"))
    rows = grouped(rules, rows, names).sort("account_id")
    moved = moved.sort("as_of", "account_id", maintain_order=True)
    told, capacity = found.definitions.told(why.hide), found.capacity.called(names.employee)
    tasks = _tasks(found.worklist, whose, why)
    return Answers(rows, moved, tasks, decided, told, found.traits, capacity)


def _tasks(rows: pl.DataFrame, whose: _Whose, why: Why) -> pl.DataFrame:
    """What was said of an override while names were told lies in the state: nothing of it is repeated."""
    csm = whose.names.employees(rows["csm"])
    texts = ("success", "because", "escalated_because", "closed_because")
    rows = whose.of(rows).with_columns(
        pl.when(pl.col("owner") == pl.col("csm")).then(csm).otherwise("owner").alias("owner"),
        *(why.without_people(rows[name]) for name in texts),
        csm=csm,
        name="account_id",
    )
    said = pl.col("because").str.replace(r"(?s)^((the )?override).*$", f"${{1}} {HIDDEN}")
    return in_order(rows.with_columns(said, key=key_of()))


def grouped(rules: RuleSet, rows: pl.DataFrame, names: Pseudonyms, column: str = "peers") -> pl.DataFrame:
    """The rows; where accounts are peers by whose they are, their groups are called otherwise, too."""
    if not any(tells_who(peer) for peer in rules.peers):
        return rows
    return rows.with_columns(_each(rows[column], names.group).alias(column))


class _Whose(Struct, frozen=True):
    names: Pseudonyms

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(account_id=self.names.accounts(rows["account_id"]))

    def decisions(self, decisions: Decisions) -> Decisions:
        """As answers read them; the next run starts from the real ones."""
        return replace(
            decisions,
            state=replace(decisions.state, latches=self.of(decisions.state.latches)),
            dipped={
                metric: tuple(map(self.names.account, accounts))
                for metric, accounts in decisions.dipped.items()
            },
            paused=None if decisions.paused is None else self.of(decisions.paused),
            overridden=None if decisions.overridden is None else self.of(decisions.overridden),
            drawn=None if decisions.drawn is None else self._drawn(decisions.drawn),
        )

    def _drawn(self, drawn: Drawn) -> Drawn:
        accounts = self.names.accounts(pl.Series(drawn.accounts, dtype=pl.String))
        return replace(drawn, accounts=tuple(accounts))


class Why(Struct, frozen=True):
    """reading: conditions on who an account or its people are, as reasons begin them; None where no rule
    asks."""

    reading: re.Pattern[str] | None

    @classmethod
    def of(cls, rules: RuleSet) -> Why:
        keys = sorted(set(_read_by(rules)), key=len, reverse=True)
        words = "|".join(map(re.escape, keys))
        return cls(re.compile(rf"(?<![\w.])({words}) .*$", re.DOTALL) if keys else None)

    def without_people(self, texts: pl.Series) -> pl.Series:
        """A value may hold any sign: from the first such condition on nothing is told."""
        if self.reading is None:
            return texts
        return _each(texts, self.hide)

    def hide(self, text: str) -> str:
        return text if self.reading is None else self.reading.sub(rf"\1 {HIDDEN}", text)


def _read_by(rules: RuleSet) -> Iterator[str]:
    for segment in rules.segments:
        for condition in (segment.enter, segment.exit, segment.at_once):
            if condition is not None:
                yield from _telling(condition, rules)
    for condition in rules.conditions.values():
        yield from _telling(condition, rules)
    for playbook in rules.playbooks.values():
        for condition in (playbook.success, playbook.escalate_when):
            if condition is not None:
                yield from _telling(condition, rules)


def _telling(condition: Condition, rules: RuleSet) -> Iterator[str]:
    for operand in operands(condition):
        match operand:
            case Attribute(name=name) | Trait(name=name) if tells_who(name):
                yield operand.key
            case Metric(name=name) if name in rules.metrics and rules.metrics[name].unit == "text":
                yield operand.key


def _each(texts: pl.Series, new: Callable[[str], str]) -> pl.Series:
    different = texts.drop_nulls().unique()
    return texts.replace({each: new(each) for each in different if each != EVERYBODY})
