"""A rule set under examination: its conditions in simple forms, and how findings are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from segkit.errors import Place, Problem, Witness
from segkit.periods import from_epoch_day
from segkit.ruleset import expr as x
from segkit.ruleset.model import RuleSet, Segment
from segkit.ruleset.printing import format_condition, format_number, format_percent
from segkit.ruleset.proofs import domain as d
from segkit.ruleset.proofs.search import Account, Found, impossible, search
from segkit.ruleset.proofs.simple import Form, simple
from segkit.ruleset.proofs.variables import Ground, Variable, shape_of
from segkit.ruleset.proofs.ways import Goal, T

_EXAMPLE_STEPS = 600


class Subject(Struct, frozen=True):
    """`place`: where a span stands, with its line. `today`: for what is due; None: nothing is."""

    rules: RuleSet
    place: Callable[[x.Span], Place]
    today: date | None = None
    variables: dict[str, Variable] = field(default_factory=dict)
    _forms: dict[int, tuple[x.Condition, Form]] = field(default_factory=dict)
    """By identity, for hashing a large condition takes long; the condition is kept so that it stays one."""
    _grounds: dict[tuple[bool, d.Nulls], Ground] = field(default_factory=dict)

    @property
    def sure(self) -> Ground:
        """For proofs that something cannot be."""
        return self.ground(False, d.NULLS)

    @property
    def usual(self) -> Ground:
        """For examples."""
        return self.ground(True, d.NULLS)

    def ground(self, usual: bool, nulls: d.Nulls) -> Ground:
        if (usual, nulls) not in self._grounds:
            self._grounds[usual, nulls] = Ground(self.rules.metrics, self.rules.calendar, usual, nulls)
        return self._grounds[usual, nulls]

    def form(self, condition: x.Condition) -> Form:
        """The condition in simple forms; its columns are noted for examples."""
        if id(condition) not in self._forms:
            for operand in x.operands(condition):
                if isinstance(operand, x.Column):
                    self.variables.setdefault(operand.key, operand)
            for leaf in x.leaves(condition):
                if isinstance(leaf, x.Member):
                    self.variables.setdefault(leaf.key, leaf)
            for threshold in self.rules.thresholds.values():
                if threshold.by is not None:
                    self.variables.setdefault(threshold.by, x.Attribute(threshold.by))
            self._forms[id(condition)] = condition, simple(condition, self.rules.thresholds)
        return self._forms[id(condition)][1]

    def holds(self, condition: x.Condition) -> Goal:
        return self.form(condition), T

    def impossible(self, *goals: Goal) -> bool:
        """Whether no account at all meets these goals: proved, not merely not found."""
        return impossible(self.sure, goals)

    def account(self, *goals: Goal, given: Mapping[str, d.Values] = {}) -> Account | None:
        """A usual account that meets these goals: with every value known first, else with missing ones."""
        for nulls in (d.NONE, d.NULLS):
            found: Found = search(self.ground(True, nulls), goals, given, _EXAMPLE_STEPS)
            if found.account is not None:
                return found.account
        return None

    def problem(
        self, code: str, what: str, at: x.Condition | Segment, hint: str | None, witness: Witness | None
    ) -> Problem:
        return Problem(code, what, self.place(at.span), hint, "warning", witness)

    def witness(self, accounts: Sequence[Account], shows: str) -> Witness:
        """An account that is like this in one week after the other."""
        return Witness(tuple(self._week(account) for account in accounts), shows)

    def _week(self, account: Account) -> tuple[tuple[str, str], ...]:
        return tuple((key, self.written(key, account[key])) for key in sorted(account))

    def written(self, key: str, value: d.Value) -> str:
        """A value as it is written in rules and in their tests."""
        if isinstance(value, d.Absent):
            return "missing" if value is d.MISSING else "_"
        if isinstance(value, str):
            return f'"{value}"'
        match self.variables[key]:
            case x.Member() | x.Attribute(kind="flag"):
                return "yes" if value else "no"
            case x.Attribute(kind="date" | "moment"):
                return from_epoch_day(int(value)).isoformat()
            case x.Metric() as metric:
                unit = shape_of(metric, self.rules.metrics)[0].unit
                if unit == "truth":
                    return "yes" if value else "no"
                return format_percent(float(f"{value:.9g}")) if unit == "share" else format_number(value)
            case _:
                return format_number(value)


def parts(condition: x.Condition) -> tuple[x.Condition, ...]:
    """What must all hold, names and lists inside lists opened."""
    match condition:
        case x.Named(of=of):
            return parts(of) if isinstance(of, x.All) else (condition,)
        case x.All(of=of):
            return tuple(part for each in of for part in parts(each))
        case _:
            return (condition,)


def needed(
    goals: Sequence[x.Condition], contradict: Callable[[Sequence[x.Condition]], bool]
) -> list[x.Condition]:
    """Conditions that contradict each other, without those that they do not need for it."""
    kept = list(goals)
    for goal in goals:
        fewer = [each for each in kept if each is not goal]
        if contradict(fewer):
            kept = fewer
    return kept


def said(conditions: Sequence[x.Condition]) -> str:
    """Conditions in a sentence: 'a', 'b' and 'c'."""
    texts = [f"'{_short(format_condition(condition))}'" for condition in conditions]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _short(text: str, most: int = 70) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
