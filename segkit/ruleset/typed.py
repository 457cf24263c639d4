"""Values with their units: what may be compared with, added to and divided by what."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from segkit.periods import Calendar
from segkit.ruleset import syntax as s
from segkit.ruleset.catalogue import Shape
from segkit.ruleset.expr import Arith, ArithOp, Column, Limit, Number, Operand, Span, Text

NUMERIC = frozenset({"count", "days", "weeks", "hours", "minutes", "share", "points", "money", "number"})
_HOURS = {"days": 24.0, "weeks": 168.0, "hours": 1.0, "minutes": 1 / 60}
"""Hours in one unit of time."""


class Typed(Struct, frozen=True):
    """An operand and the shape of its values. `written` is set while a literal waits for its unit."""

    operand: Operand
    shape: Shape
    written: s.Literal | None = None
    fixed: bool = False
    """The same for every account and period."""
    percents: bool = True
    """Whether a percentage may stand against it when its unit is a bare number."""

    @property
    def unit(self) -> str:
        return self.shape.unit


class Clash(Struct, frozen=True):
    """Two values that do not go together."""

    code: str
    what: str
    hint: str | None = None
    warning: bool = False
    instead: str | None = None
    """What alone can be meant."""


def called(value: Typed) -> str:
    """What the user calls it: its name, else 'this'."""
    if isinstance(value.operand, Limit):
        return f"${value.operand.name}"
    if isinstance(value.operand, Text):
        return f'"{value.operand.value}"'
    return value.operand.key if isinstance(value.operand, Column) else "this"


def literal(node: s.Literal, span: Span) -> Typed:
    unit = {None: "number", "%": "share"}.get(node.unit, "days")
    return Typed(
        Number(node.value, node.text, None, span),
        Shape(unit),
        node,
        fixed=True,
    )


def fit(value: Typed, target: Typed, calendar: Calendar) -> Typed | Clash:
    """`value` in the unit of `target`, or why it cannot stand against it. Literals are converted."""
    if value.written is not None:
        return _fit_literal(value, value.written, target, calendar)
    if value.unit == target.unit:
        return value
    if {value.unit, target.unit} <= NUMERIC and "number" in (value.unit, target.unit):
        return value
    if value.unit == "share" and value.fixed:
        return _no_percent(called(value), target)
    numeric = value.unit in NUMERIC and target.unit in NUMERIC
    return Clash(
        "R107" if numeric else "R106",
        f"{called(target)} is {_noun(target.unit)}, {called(value)} is {_noun(value.unit)}",
        "compare values of the same kind",
    )


def _fit_literal(value: Typed, node: s.Literal, target: Typed, calendar: Calendar) -> Typed | Clash:
    number = value.operand
    assert isinstance(number, Number)
    name = called(target)
    if target.unit not in NUMERIC:
        hint = f'quote the text: "{node.text}"' if target.unit == "text" else _FORMS.get(target.unit)
        return Clash("R106", f"{name} is {_noun(target.unit)}, {node.text} is a number", hint)
    if node.unit == "%":
        if target.unit != "share" and not (target.unit == "number" and target.percents):
            return _no_percent(node.text, target)
        return replace(value, operand=replace(number, unit=target.unit), shape=Shape(target.unit))
    if node.unit is None:
        return replace(value, operand=replace(number, unit=target.unit), shape=Shape(target.shape.unit))
    converted = _duration(node.value, node.unit, target, calendar)
    if converted is None:
        return Clash(
            "R107", f"{name} is {_noun(target.unit)}, {node.text} is a time", "write a number without a unit"
        )
    return replace(
        value, operand=replace(number, value=converted, unit=target.unit), shape=Shape(target.unit)
    )


def _duration(value: float, unit: str, target: Typed, calendar: Calendar) -> float | None:
    if getattr(target.operand, "segment", None) is not None:
        # weeks_in() counts periods, whatever their length is.
        counted = f"{calendar.unit}s"
        if unit == counted:
            return value
        return value * 7 if (unit, counted) == ("weeks", "days") else None
    if unit not in _HOURS or target.unit not in _HOURS:
        return None
    return float(f"{value * _HOURS[unit] / _HOURS[target.unit]:.12g}")


def _no_percent(text: str, target: Typed) -> Clash:
    name = called(target)
    change = ""
    if target.unit == "count" and getattr(target.operand, "view", None) is None:
        change = f"; a relative change is {name}.change"
    return Clash(
        "R112",
        f"{text} is a percentage, {name} is {_noun(target.unit)}",
        f"write {_noun(target.unit)} without %{change}",
    )


_FORMS = {"date": "write a date: 2026-11-15", "truth": "write it alone, or with is true"}
_NOUNS = {
    "count": "a count",
    "days": "a number of days",
    "weeks": "a number of weeks",
    "hours": "a number of hours",
    "minutes": "a number of minutes",
    "share": "a share",
    "points": "a number of points",
    "money": "an amount of money",
    "number": "a number",
    "truth": "true or false",
    "text": "a text",
    "date": "a date",
}


def _noun(unit: str) -> str:
    return _NOUNS[unit]


def outside(value: Typed, target: Typed) -> Clash | None:
    """A fixed number that the column it is compared with can never reach."""
    number = value.operand
    if not isinstance(number, Number) or not isinstance(target.operand, Column):
        return None
    low, high = target.shape.low, target.shape.high
    below, above = low is not None and number.value < low, high is not None and number.value > high
    if not below and not above:
        return None
    ends = f"from {low:g} to {high:g}" if low is not None and high is not None else ""
    ends = ends or (f"at least {low:g}" if low is not None else f"at most {high:g}")
    if target.unit == "share":
        plain = value.written is not None and value.written.unit is None
        meant = f"{number.value:g}%" if plain else None
        fits = meant is not None and (low or 0.0) <= number.value / 100 <= (1.0 if high is None else high)
        hint = f"did you mean {meant}?" if meant else None
        what = f"{called(target)} is a share, {ends}; {number.text} lies outside"
        return Clash("R107", what, hint, instead=meant if fits else None)
    return Clash("R201", f"{called(target)} is {ends}; {number.text} lies outside", None, warning=True)


def arith(op: ArithOp, left: Typed, right: Typed, span: Span, calendar: Calendar) -> Typed | Clash:
    """The value of `left op right`, with its unit."""
    date = _with_dates(op, left, right, span)
    if date is not None:
        return date
    for side in (left, right):
        if side.unit not in NUMERIC:
            return Clash("R106", f"{called(side)} is {_noun(side.unit)}; only numbers can be calculated with")
    if op in ("+", "-"):
        return _sum(op, left, right, span, calendar)
    for side in (left, right):
        if side.written is not None and side.written.unit not in (None, "%"):
            return Clash("R107", f"{side.written.text} is a time; multiply and divide by plain numbers")
    unit = _product_unit(op, left, right)
    operand = Arith(op, left.operand, right.operand, span)
    return Typed(operand, Shape(unit), fixed=left.fixed and right.fixed)


def _sum(op: ArithOp, left: Typed, right: Typed, span: Span, calendar: Calendar) -> Typed | Clash:
    if left.written is not None and right.written is None:
        fitted = fit(left, right, calendar)
        if isinstance(fitted, Clash):
            return fitted
        left = fitted
    else:
        fitted = fit(right, left, calendar)
        if isinstance(fitted, Clash):
            return fitted
        right = fitted
    unit = right.shape.unit if left.unit == "number" else left.shape.unit
    return Typed(Arith(op, left.operand, right.operand, span), Shape(unit), fixed=left.fixed and right.fixed)


def _product_unit(op: ArithOp, left: Typed, right: Typed) -> str:
    pure = ("number", "share")
    if right.unit in pure:
        return right.unit if op == "*" and left.unit == "number" else left.unit
    if op == "*":
        return right.unit if left.unit in pure else "number"
    return "share" if left.unit == right.unit else "number"


def _with_dates(op: ArithOp, left: Typed, right: Typed, span: Span) -> Typed | Clash | None:
    """date - date is days; date ± days is a date (dates are counted in days)."""
    fixed = left.fixed and right.fixed
    if left.unit != "date":
        return None
    if op == "-" and right.unit == "date":
        return Typed(Arith(op, left.operand, right.operand, span), Shape("days"), fixed=fixed)
    if op in ("+", "-") and (right.unit == "days" or (right.written and right.written.unit is None)):
        operand = right.operand
        if right.written is not None and isinstance(operand, Number):
            unit = right.written.unit or "days"
            if unit not in ("days", "weeks"):
                return Clash("R107", f"{right.written.text} is no number of days or weeks", "write 90 days")
            operand = replace(operand, value=right.written.value * (7 if unit == "weeks" else 1), unit="days")
        return Typed(Arith(op, left.operand, operand, span), Shape("date"), fixed=fixed)
    return None
