"""Which segment reads which through member() and weeks_in(), and in what order they can be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from segkit.ruleset.expr import Condition, Member, WeeksIn, leaves, operands
from segkit.ruleset.model import Segment


def reads(condition: Condition) -> dict[str, Member | WeeksIn]:
    """Segments and flags that a condition reads, each with the first place that does."""
    found: dict[str, Member | WeeksIn] = {}
    for leaf in leaves(condition):
        if isinstance(leaf, Member):
            found.setdefault(leaf.segment, leaf)
    for operand in operands(condition):
        if isinstance(operand, WeeksIn):
            found.setdefault(operand.segment, operand)
    return found


def segment_reads(segment: Segment) -> dict[str, Member | WeeksIn]:
    found: dict[str, Member | WeeksIn] = {}
    for condition in (segment.enter, segment.exit, segment.at_once):
        if condition is not None:
            for name, reader in reads(condition).items():
                found.setdefault(name, reader)
    return found


def scan_order(graph: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """Names so that what each one reads comes first, as near to the given order as that allows.

    The second part is a circle (its first name repeated at the end) when there is one.
    """
    done: dict[str, None] = {}
    for name in graph:
        if name in done:
            continue
        # Depth first with an own stack: a chain of segments may be longer than Python's.
        stack = [(name, iter(graph[name]))]
        path = [name]
        while stack:
            following = next((n for n in stack[-1][1] if n in graph and n not in done), None)
            if following is None:
                done[stack.pop()[0]] = None
                path.pop()
            elif following in path:
                return tuple(done), (*path[path.index(following) :], following)
            else:
                stack.append((following, iter(graph[following])))
                path.append(following)
    return tuple(done), None
