"""Which file gives which source: one list of accounts, one stream of use, people from everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from segkit.columns import SOURCES
from segkit.facts.mapping import SourceConfig
from segkit.facts.presets.library import preset
from segkit.runs.starting.lying import Candidate, Group

Way = tuple[Group, Candidate]
ONE = ("accounts", "usage", "tickets", "subscriptions", "payments")
"""Sources that two systems would tell twice, or under ids that clash."""
KINDS = ("crm", "helpdesk", "product", "survey")


class Chosen(Struct, frozen=True):
    """What a source is read from."""

    source: str
    config: SourceConfig
    ways: tuple[Way, ...]
    groups: tuple[Group, ...]
    """Everything that lies there, for what is looked up in."""

    def parts(self) -> Iterator[Chosen]:
        """Each way to read a part of it alone."""
        for way in self.ways:
            yield chosen(self.source, [way], self.groups)

    def joined(self, other: Chosen) -> Chosen:
        return chosen(self.source, [*self.ways, *other.ways], self.groups)


class Choice(Struct, frozen=True):
    sources: Mapping[str, tuple[Chosen, ...]]
    """Source -> what it may be read from, the best first."""
    unused: Mapping[str, str]
    """Name of a group -> why it is not used."""


def choose(groups: Sequence[Group]) -> Choice:
    """Each group for the source that it says most about; mergers beside the accounts that they are of."""
    wanted: dict[str, list[Way]] = {}
    unused: dict[str, str] = {}
    for group in groups:
        mains = [one for one in group.candidates if one.source != "crosswalk"]
        if group.fault is not None:
            unused[group.name] = group.fault
        elif mains:
            wanted.setdefault(mains[0].source, []).append((group, mains[0]))
    sources: dict[str, tuple[Chosen, ...]] = {}
    for source, rivals in wanted.items():
        sets, others = _sets(source, rivals)
        unused |= others
        sources[source] = tuple(chosen(source, ways, groups) for ways in sets)
    mergers = _mergers(groups, sources.get("accounts", ()))
    if mergers:
        sources["crosswalk"] = (chosen("crosswalk", mergers, groups),)
    return Choice(sources, unused)


def _sets(source: str, rivals: Sequence[Way]) -> tuple[list[list[Way]], dict[str, str]]:
    """Sets of ways that can stand in one entry, the best first; and what can stand in none."""
    others: dict[str, str] = {}
    names = {(one.preset, one.table) for _, one in rivals}
    sets: dict[tuple[object, ...], list[Way]] = {}
    for group, one in rivals:
        if _whole_of(one, names):
            others[group.name] = "other files hold the same use more finely"
            continue
        alone = one.preset if source in ONE else one.preset is None
        columns = tuple(sorted(one.columns.items()))
        sets.setdefault((alone, columns, tuple(sorted(group.dialect.items(), key=str))), []).append(
            (group, one)
        )
    ordered = sorted(sets.values(), key=lambda ways: max(_rank(source, way) for way in ways), reverse=True)
    for ways in ordered[1:]:
        for group, _ in ways:
            others[group.name] = f"{ordered[0][0][0].name} gives the {source} already"
    return ordered, others


def _rank(source: str, way: Way) -> tuple[int, int, int]:
    group, one = way
    if one.preset is None:
        return (2 if one.certainty == "sure" else 0, 0, group.bytes)
    kind = -KINDS.index(preset(one.preset).kind) if source == "accounts" else 0
    return (1, kind, group.bytes)


def _whole_of(one: Candidate, names: set[tuple[str | None, str]]) -> bool:
    if one.preset is None:
        return False
    tables = preset(one.preset).tables
    return any(tables[name].part_of == one.table for other, name in names if other == one.preset)


def _mergers(groups: Sequence[Group], accounts: Sequence[Chosen]) -> list[Way]:
    """What tells which id became which, of the vendor that lists the accounts; else its ids in others."""
    if not accounts:
        return []
    own = set(accounts[0].config.presets)
    found = [(group, one) for group in groups for one in group.candidates if one.source == "crosswalk"]
    same = [way for way in found if way[1].preset in own and way[1].table != "external_ids"]
    return same or [way for way in found if way[1].table == "external_ids" and way[1].preset not in own]


def chosen(source: str, ways: Sequence[Way], groups: Sequence[Group]) -> Chosen:
    """The entry that reads these groups, with the tables that they are looked up in."""
    presets = sorted({one.preset for _, one in ways if one.preset is not None})
    tables = sorted({(one.preset, one.table) for _, one in ways if one.preset is not None})
    looked = {(name, other) for name, table in tables for other in preset(str(name)).tables[table].look_ups}
    beside = [group for group in groups if set(group.beside) & looked]
    files: dict[str, None] = {}
    for group in [*(group for group, _ in ways), *beside]:
        files.update(dict.fromkeys([group.pattern] if group.pattern else [file.name for file in group.files]))
    entry: dict[str, object] = {"files": list(files) if len(files) > 1 else next(iter(files))}
    if presets:
        entry["preset"] = presets if len(presets) > 1 else presets[0]
    if ways[0][1].columns:
        entry["columns"] = dict(ways[0][1].columns)
    if SOURCES[source].when is not None and len(tables) > 1:
        entry["delivery"] = "append"
    config = SourceConfig.model_validate({**entry, **ways[0][0].dialect})
    return Chosen(source, config, tuple(ways), tuple(groups))


def looked_up(groups: Sequence[Group], sources: Mapping[str, SourceConfig]) -> set[str]:
    """Names of groups whose files some source reads."""
    patterns = {pattern for config in sources.values() for pattern in config.patterns}
    return {
        group.name
        for group in groups
        if patterns & ({group.pattern} if group.pattern else {file.name for file in group.files})
    }
