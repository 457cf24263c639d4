"""How a compound condition can come out as asked: ways, each a list of smaller goals."""

from __future__ import annotations

from typing import assert_never

from segkit.ruleset import expr as x
from segkit.ruleset.proofs.simple import FALSE, TRUE, Form

Answers = frozenset[bool | None]
T: Answers = frozenset({True})
F: Answers = frozenset({False})
N: Answers = frozenset({None})
NOT_TRUE: Answers = F | N
NOT_FALSE: Answers = T | N
KNOWN: Answers = T | F
ANY: Answers = T | F | N

Goal = tuple[Form, Answers]
Ways = list[tuple[Goal, ...]]


def ways_of(condition: x.All | x.Any | x.AtLeast | x.Not, wanted: Answers) -> Ways:
    """Every way; none where it cannot be, one empty way where it always is."""
    match condition:
        case x.Not(of=of):
            turned = frozenset(None if answer is None else not answer for answer in wanted)
            return [((of, turned),)]
        case x.AtLeast(k=k, of=of):
            return _counted(k, of, wanted)
        case x.All(of=of):
            return _joined(of, wanted, True)
        case x.Any(of=of):
            return _joined(of, wanted, False)
        case _:
            assert_never(condition)


def _joined(of: tuple[x.Condition, ...], wanted: Answers, lasts: bool) -> Ways:
    """All (`lasts` true): true where all are, false where one is. Any: the other way round."""
    if not of:
        return [()] if lasts in wanted else []
    if wanted >= KNOWN:
        return [*_joined(of, frozenset({lasts}), lasts), *_joined(of, frozenset({not lasts}), lasts)]
    if lasts in wanted:
        return [tuple((part, wanted) for part in of)]
    if lasts not in wanted and (not lasts) in wanted:
        return [((part, wanted),) for part in of]
    # Unknown: one part is, and none settles it.
    return [
        tuple((part, N if at == chosen else frozenset({lasts, None})) for at, part in enumerate(of))
        for chosen in range(len(of))
    ]


def _counted(k: int, of: tuple[x.Condition, ...], wanted: Answers) -> Ways:
    """At least k: the first part is decided, the others are counted on."""
    if k <= 0:
        return _joined((), wanted, True)
    if k > len(of):
        return _joined((), wanted, False)
    first, rest = of[0], of[1:]
    needs, same = _at_least(k - 1, rest), _at_least(k, rest)
    if wanted >= KNOWN:
        return [*_counted(k, of, T), *_counted(k, of, F)]
    if True in wanted:
        return [((first, wanted), (needs, wanted)), ((same, wanted),)]
    if False in wanted:
        return [((first, wanted), (same, wanted)), ((needs, wanted),)]
    return [
        ((first, T), (needs, N)),
        ((first, F), (same, N)),
        ((first, N), (same, NOT_TRUE), (needs, NOT_FALSE)),
    ]


def _at_least(k: int, of: tuple[x.Condition, ...]) -> x.Condition:
    if k <= 0:
        return TRUE
    return FALSE if k > len(of) else x.AtLeast(k, of)
