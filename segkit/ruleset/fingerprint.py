"""The logic fingerprint: equal for rule sets that decide alike on all facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from msgspec import NODEFAULT, Struct

from segkit.ruleset.expr import Named
from segkit.ruleset.model import RuleSet

SEMANTICS = 2
"""Raised when the engine decides differently on the same rules and facts, or on what rules leave unsaid."""

_ASKED = object()
"""Equal to no value of a field: it has no default."""
_WORDS = frozenset({"span", "text", "means", "playbook", "path", "was"})
"""Fields that are read by people only."""


def fingerprint(rules: RuleSet) -> str:
    """SHA-256 (hex) over everything that can change a decision.

    Texts, playbooks, owners, the version and the names of conditions are left out. So is what is as it is
    where nobody says anything: a version that can be told more finds the same rules to be the same.
    """
    parts = {
        "semantics": SEMANTICS,
        "dimensions": _plain(rules.dimensions),
        "flags": _plain(rules.flags),
        "thresholds": _plain(rules.thresholds),
        "metrics": _plain(rules.metrics),
        "peers": _plain(rules.peers),
        "baselines": _plain(rules.baselines),
        "definitions": _plain(rules.definitions),
        "calendar": _plain(rules.calendar),
    }
    return _digest(parts)


def trials_of(rules: RuleSet) -> str:
    """SHA-256 (hex) over the segments on trial, which are no part of the logic; empty for none."""
    return _digest({"trials": _plain(rules.trials)}) if rules.trials else ""


def playbooks_of(rules: RuleSet, capacity: str = "") -> str:
    """SHA-256 (hex) over what is to be done in which segment or flag, and the hours for it: equal where work
    lists are. `capacity` is empty where nobody declared hours."""
    asked = {segment.name: segment.playbook for segment in rules.segments}
    more = {"capacity": capacity} if capacity else {}
    return _digest({"asked": asked, "playbooks": _plain(rules.playbooks), **more})


def _digest(parts: Mapping[str, Any]) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """JSON values, each Struct under its own name, so that no two different rules look alike."""
    if isinstance(value, Named):
        return _plain(value.of)
    if isinstance(value, Struct):
        kind = type(value)
        told = {name: getattr(value, name) for name in _deciding(kind)}
        usual = _usual(kind)
        return [
            kind.__name__,
            {name: _plain(each) for name, each in told.items() if each != usual.get(name, _ASKED)},
        ]
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value


@cache
def _usual(kind: type[Struct]) -> Mapping[str, Any]:
    """What the fields of a Struct are where they are not given."""
    made = kind.__struct_defaults__
    named = zip(kind.__struct_fields__[-len(made) :], made, strict=True) if made else ()
    said = ((name, each) for name, each in named if each is not NODEFAULT)
    return {name: each.factory() if hasattr(each, "factory") else each for name, each in said}


@cache
def _deciding(kind: type[Struct]) -> tuple[str, ...]:
    """The fields of a Struct that can change a decision."""
    return tuple(name for name in kind.__struct_fields__ if name not in _WORDS)
