"""Segments under other names: `was:` of a rule file, and a rule set in the names of another time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from segkit.ruleset.expr import Member, Span, WeeksIn
from segkit.ruleset.fingerprint import fingerprint
from segkit.ruleset.model import RuleSet, Segment


def renamed_since(rules: RuleSet, then: Collection[str]) -> dict[str, str]:
    """Old name -> name of today, of segments and flags that `then` knows under the old name alone.

    Who has had several names is followed from the newest of them that `then` knows.
    """
    found = {}
    for segment in rules.segments:
        old = next((name for name in segment.was if name in then), None)
        if old is not None and segment.name not in then:
            found[old] = segment.name
    return found


def with_names(rules: RuleSet, names: Mapping[str, str]) -> RuleSet:
    """The same rules where each segment or flag among `names` is called what it leads to."""
    called: RuleSet = _called(rules, names)
    order = tuple(names.get(name, name) for name in rules.scan_order)
    found = replace(called, scan_order=order)
    return replace(found, logic=fingerprint(found))


def _called(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case Member() | WeeksIn():
            return replace(value, segment=names.get(value.segment, value.segment))
        case Span():
            return value
        case tuple():
            return tuple(_called(each, names) for each in value)
        case Mapping():
            return {key: _called(each, names) for key, each in value.items()}
    if not isinstance(value, Struct):
        return value
    inside = {name: _called(each, names) for name, each in asdict(value).items()}
    if isinstance(value, Segment):
        inside["name"] = names.get(value.name, value.name)
    return replace(value, **inside)
