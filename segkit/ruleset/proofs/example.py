"""An account out of boxes: numbers in them that keep every ordering, near to the limits of the rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product

from segkit.ruleset import expr as x
from segkit.ruleset.proofs import domain as d
from segkit.ruleset.proofs.orders import Order, closed
from segkit.ruleset.proofs.simple import CALCULATED, calculated, columns
from segkit.ruleset.proofs.variables import Ground, Variable

Loose = tuple[x.Compare, bool | None]
"""A comparison and how it has to come out."""
Style = Callable[[d.Interval, float, float], float]
"""Picks a number of an interval; the other two are the ends of the column's own range."""
_MAX_CHOICES = 64
_STEPS = (1.0, 0.1, 0.01, 0.001, 1e-6)


def conceivable(
    ground: Ground, values: Mapping[str, d.Values], variables: Mapping[str, Variable], loose: Sequence[Loose]
) -> bool:
    """Whether nothing shows that there is no such account; False is a proof."""
    numeric = {key: box for key, box in values.items() if box.words is None}
    sure = {key: box for key, box in numeric.items() if not box.nulls}
    if any(key in sure and not values[other].known for key, other in ground.told_with(variables)):
        return False
    orders = [*_orders(ground, variables, numeric), *_told(loose)]
    if next(_choices(sure, orders), None) is None:
        return False
    return all(_reachable(leaf, truth, numeric) for leaf, truth in loose)


def example(
    ground: Ground, values: Mapping[str, d.Values], variables: Mapping[str, Variable], loose: Sequence[Loose]
) -> dict[str, d.Value] | None:
    """An account where one is found; what is looked for is conceivable."""
    numeric = {key: box for key, box in values.items() if box.words is None}
    sure = {key: box for key, box in numeric.items() if not box.nulls}
    orders = [*_orders(ground, variables, numeric), *_told(loose)]
    open_ = {key: box for key, box in numeric.items() if box.known}
    for chosen in (open_, sure):
        for boxes in islice(_choices(chosen, orders), _MAX_CHOICES):
            for style in _STYLES:
                numbers = _picked(ground, boxes, values, variables, orders, style)
                if numbers is not None and all(_so(leaf, truth, numbers) for leaf, truth in loose):
                    return _account(values, numbers)
    return None


def divides(leaf: x.Compare) -> bool:
    """Whether a comparison can be unknown although every column it reads is known."""

    def inside(operand: x.Operand) -> bool:
        match operand:
            case x.Arith(op=op, left=left, right=right):
                return op == "/" or inside(left) or inside(right)
            case x.Negative(of=of):
                return inside(of)
            case _:
                return False

    return inside(leaf.left) or inside(leaf.right)


def _orders(
    ground: Ground, variables: Mapping[str, Variable], values: Mapping[str, d.Values]
) -> Iterator[Order]:
    for smaller, larger in ground.never_over({key: variables[key] for key in values}):
        yield Order(smaller, larger)


def _told(loose: Sequence[Loose]) -> Iterator[Order]:
    """Comparisons of two columns as they stand; calculated ones are rounded and so only tried."""
    for leaf, truth in loose:
        if truth is None or not isinstance(leaf.left, x.Column) or not isinstance(leaf.right, x.Column):
            continue
        left, right = leaf.left.key, leaf.right.key
        match leaf.op if truth else d.OPPOSITE[leaf.op]:
            case "<" | "<=" as op:
                yield Order(left, right, strict=op == "<")
            case ">" | ">=" as op:
                yield Order(right, left, strict=op == ">")
            case "=":
                yield from (Order(left, right), Order(right, left))


def _choices(values: Mapping[str, d.Values], orders: Sequence[Order]) -> Iterator[dict[str, d.Interval]]:
    """Every choice of one interval per column, narrowed by the orderings; none where they cannot hold.

    Columns without an ordering are never in the way: they are chosen where the others can hold.
    """
    told = [order for order in orders if order.left in values and order.right in values]
    tied = {name for order in told for name in (order.left, order.right)}
    free = {key: box.numbers for key, box in values.items() if key not in tied}
    bound = {key: box.numbers for key, box in values.items() if key in tied}
    for choice in product(*bound.values()):
        narrowed = closed(told, dict(zip(bound, choice, strict=True))) if told else {}
        if narrowed is None:
            continue
        for others in product(*free.values()):
            boxes = {**narrowed, **dict(zip(free, others, strict=True))}
            yield {key: boxes[key] for key in values}


def _reachable(leaf: x.Compare, truth: bool | None, values: Mapping[str, d.Values]) -> bool:
    """Whether the ranges of both sides allow it at all."""
    if truth is None or not all(c.key in values for c in (*columns(leaf.left), *columns(leaf.right))):
        return True
    left, right = _range(leaf.left, values), _range(leaf.right, values)
    match leaf.op if truth else d.OPPOSITE[leaf.op]:
        case "<":
            return left.low < right.high
        case "<=":
            return left.low <= right.high
        case ">":
            return left.high > right.low
        case ">=":
            return left.high >= right.low
        case "=":
            return left.low <= right.high and right.low <= left.high
        case _:
            return True


def _range(operand: x.Operand, values: Mapping[str, d.Values]) -> d.Interval:
    """All numbers an operand can come to, ends included."""
    match operand:
        case x.Negative(of=of):
            inner = _range(of, values)
            return d.Interval(-inner.high, -inner.low)
        case x.Arith(op=op, left=left, right=right):
            return _calculated(op, _range(left, values), _range(right, values))
        case _ if columns(operand):
            box = values[columns(operand)[0].key]
            return d.Interval(box.low.low, box.high.high) if box.numbers else d.Interval()
        case _:
            value = calculated(operand, {})
            return d.Interval() if value is None else d.Interval(value, value)


def _calculated(op: str, one: d.Interval, other: d.Interval) -> d.Interval:
    if op == "/" and other.low <= 0 <= other.high:
        return d.Interval()
    ends = [_of(op, a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    if any(math.isnan(end) for end in ends):
        return d.Interval()
    return d.Interval(min(ends), max(ends))


def _of(op: str, a: float, b: float) -> float:
    found = CALCULATED[op](a, b)
    return found if math.isinf(found) or math.isnan(found) else float(f"{found:.9g}")


def _picked(
    ground: Ground,
    boxes: Mapping[str, d.Interval],
    values: Mapping[str, d.Values],
    variables: Mapping[str, Variable],
    orders: Sequence[Order],
    style: Style,
) -> dict[str, float] | None:
    left = dict(boxes)
    told = [order for order in orders if order.left in left and order.right in left]
    found: dict[str, float] = {}
    for key in boxes:
        natural = ground.domain(variables[key])
        box = left[key].whole() if values[key].whole else left[key]
        if box.empty:
            return None
        number = style(box, natural.low.low, natural.high.high)
        if not box.holds(number):
            return None
        found[key] = number
        left[key] = d.Interval(number, number)
        if told:
            narrowed = closed(told, left)
            if narrowed is None:
                return None
            left = narrowed
    return found


def _near(box: d.Interval, low: float, high: float) -> float:
    """The end that a rule has set; in the middle of two."""
    if box.low > low and box.high < high:
        return _low(box, low, high) if box.high - box.low <= 1e-9 else _middle(box, low, high)
    return _low(box, low, high) if box.low > low or not math.isfinite(box.high) else _high(box, low, high)


def _low(box: d.Interval, low: float, high: float) -> float:
    if not math.isfinite(box.low):
        return _high(box, low, high) if math.isfinite(box.high) else 0.0
    return _beside(box, box.low, 1.0) if box.low_open else box.low


def _high(box: d.Interval, low: float, high: float) -> float:
    if not math.isfinite(box.high):
        return _low(box, low, high) if math.isfinite(box.low) else 0.0
    return _beside(box, box.high, -1.0) if box.high_open else box.high


def _middle(box: d.Interval, low: float, high: float) -> float:
    if not math.isfinite(box.low) or not math.isfinite(box.high):
        return _beside(box, box.low, 1.0) if math.isfinite(box.low) else _high(box, low, high)
    middle = (box.low + box.high) / 2
    for digits in range(0, 9):
        if box.holds(round(middle, digits)):
            return round(middle, digits)
    return middle


def _away(by: float) -> Style:
    """Somewhat above the lower end, where there is no upper one: for what is calculated from it."""

    def style(box: d.Interval, low: float, high: float) -> float:
        return _middle(box, low, high) if math.isfinite(box.high) else _low(box, low, high) + by

    return style


_STYLES: tuple[Style, ...] = (_near, _low, _high, _middle, *(_away(by) for by in (5.0, 10.0, 50.0, 1000.0)))


def _beside(box: d.Interval, end: float, sign: float) -> float:
    """A round number a little inside of an end."""
    for step in _STEPS:
        if box.holds(float(f"{end + sign * step:.9g}")):
            return float(f"{end + sign * step:.9g}")
    return end + sign * (box.high - box.low) / 2


def _so(leaf: x.Compare, truth: bool | None, numbers: Mapping[str, float]) -> bool:
    left, right = calculated(leaf.left, numbers), calculated(leaf.right, numbers)
    if left is None or right is None:
        return truth is None
    return truth is any(each.holds(left) for each in d.satisfying(leaf.op, right))


def _account(values: Mapping[str, d.Values], numbers: Mapping[str, float]) -> dict[str, d.Value]:
    found: dict[str, d.Value] = {}
    for key, box in values.items():
        if key in numbers:
            found[key] = numbers[key]
        elif box.words:
            found[key] = _word(box.words)
        else:
            found[key] = min(box.nulls, key=lambda null: null.value)
    return found


def _word(words: frozenset[str]) -> str:
    """One of them; where all but some are meant, one that is not among those."""
    if d.EVERY not in words:
        return min(words)
    return next(
        word for word in ("other", "another", *(f"other {n}" for n in range(2, 999))) if word not in words
    )
