"""What the page says, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from msgspec import Struct

from segkit.reports.definitions import TRIALS, Definition, Definitions, definitions
from segkit.ruleset import format_named, format_playbook, format_segment
from segkit.ruleset.model import FLAGS, Playbook, RuleSet, Segment


class Example(Struct, frozen=True):
    """An account that is in a segment now."""

    account: str
    because: str


class Today(Struct, frozen=True):
    """What the published run says. Sizes and examples by (dimension or FLAGS, segment)."""

    as_of: date
    accounts: int
    sizes: Mapping[tuple[str, str], int]
    examples: Mapping[tuple[str, str], Example]
    same_rules: bool
    """Whether the run was decided by these rules."""


class Card(Struct, frozen=True):
    """One segment or flag."""

    definition: Definition
    written: str
    """YAML of the segment."""
    playbook: Playbook | None
    size: int | None
    example: Example | None


class Part(Struct, frozen=True):
    """A dimension, or the flags. `otherwise` is who fits nothing; None for flags."""

    name: str
    cards: tuple[Card, ...]
    otherwise: str | None
    rest: int | None
    """Accounts that fit nothing."""


class Described(Struct, frozen=True):
    rules: RuleSet
    parts: tuple[Part, ...]
    named: str
    """YAML of what the segments refer to by name."""
    playbooks: tuple[tuple[Playbook, str], ...]
    words: tuple[tuple[str, str], ...]
    """What this workspace calls a login, an activity, …"""
    today: Today | None
    since: str | None
    """What the rules are held against; None where they are held against nothing."""
    changes: tuple[str, ...]


def described(
    rules: RuleSet, today: Today | None, since: str | None = None, changes: Sequence[str] = ()
) -> Described:
    told = definitions(rules)
    parts = [_part(rules, d.name, d.segments, d.otherwise, told, today) for d in rules.dimensions]
    if rules.flags:
        parts.append(_part(rules, FLAGS, rules.flags, None, told, today))
    if rules.trials:
        parts.append(_part(rules, TRIALS, rules.trials, None, told, today))
    books = tuple((book, format_playbook(book)) for book in rules.playbooks.values())
    return Described(
        rules, tuple(parts), format_named(rules), books, _words(rules), today, since, tuple(changes)
    )


def _part(
    rules: RuleSet,
    name: str,
    segments: Sequence[Segment],
    otherwise: str | None,
    told: Definitions,
    today: Today | None,
) -> Part:
    (of,) = (of for part, of in told.parts if part == name)
    cards = tuple(
        Card(
            definition,
            format_segment(segment, rules.calendar.unit),
            rules.playbooks.get(segment.playbook or ""),
            None if today is None else today.sizes.get((name, segment.name), 0),
            None if today is None else today.examples.get((name, segment.name)),
        )
        for segment, definition in zip(segments, of, strict=True)
    )
    rest = None if today is None or otherwise is None else today.sizes.get((name, otherwise), 0)
    return Part(name, cards, otherwise, rest)


def today_of(assignments: pl.DataFrame, rules: RuleSet, *, same_rules: bool) -> Today | None:
    """Columns of assignments.csv; None where nobody is assigned.

    The example of a segment is who came into it last; of several, the first by id.
    """
    if assignments.is_empty():
        return None
    sizes: dict[tuple[str, str], int] = {}
    examples: dict[tuple[str, str], Example] = {}
    recent = assignments.sort("since", "account_id", descending=[True, False])
    main = rules.main.name
    for row in recent.iter_rows(named=True):
        who = row["name"] or row["account_id"]
        key = (main, row["primary"])
        sizes[key] = sizes.get(key, 0) + 1
        examples.setdefault(key, Example(who, row["because"] or ""))
        found = [(d.name, row.get(d.name)) for d in rules.dimensions[1:]]
        found += [(FLAGS, flag) for flag in (row["flags"] or "").split("; ") if flag]
        found += [(TRIALS, name) for name in (row.get("trial") or "").split("; ") if name]
        for part, label in found:
            if label is not None:
                sizes[part, label] = sizes.get((part, label), 0) + 1
                examples.setdefault((part, label), Example(who, ""))
    as_of = assignments["as_of"][0]
    return Today(as_of, assignments.height, sizes, examples, same_rules)


def _words(rules: RuleSet) -> tuple[tuple[str, str], ...]:
    """What the definitions of the workspace say, one line each."""
    said = rules.definitions
    found: list[tuple[str, str]] = []
    for name in ("login", "activity", "core_workflow"):
        selection = getattr(said, name)
        if isinstance(selection, str):
            found.append((name, selection))
        elif selection is not None:
            parts = [
                f"{word} {', '.join(of)}"
                for word, of in (
                    ("events", selection.events),
                    ("features", selection.features),
                    ("all but", selection.except_events),
                )
                if of
            ]
            found.append((name, "; ".join(parts) or "every event"))
    lists = ("core_features", "advanced_features", "positive_topics")
    found += [(name, ", ".join(getattr(said, name))) for name in lists if getattr(said, name)]
    if said.first_value:
        found.append(("first_value", said.first_value))
    return tuple(found)
