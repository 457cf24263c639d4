"""What is wrong with a segkit.yaml whose keys and kinds are right."""

from __future__ import annotations

from collections.abc import Iterator

from segkit.columns import SOURCES
from segkit.errors import Problem
from segkit.facts.excluding import entry_faults
from segkit.facts.mapping import SourceConfig, mapping_faults
from segkit.limits import source_faults
from segkit.periods import Calendar
from segkit.ruleset.suggest import did_you_mean
from segkit.workspace.written import WorkspaceFile
from segkit.yamltext import Loc, YamlDoc


def faults(doc: YamlDoc, written: WorkspaceFile, calendar: Calendar) -> Iterator[Problem]:
    """All that names or contradicts what is not there."""
    yield from _source_problems(doc, written, calendar)
    yield from _exclude_problems(doc, written)
    yield from _privacy_problems(doc, written)
    yield from _guard_problems(doc, written)


def _source_problems(doc: YamlDoc, written: WorkspaceFile, calendar: Calendar) -> Iterator[Problem]:
    for name, config in written.sources.items():
        loc: Loc = ("sources", name)
        if name not in SOURCES:
            meant = did_you_mean(name, SOURCES) or f"sources: {', '.join(SOURCES)}"
            yield Problem("S110", f"no source is called '{name}'", doc.place(loc, key=True), meant)
            continue
        for inner, what, hint in mapping_faults(name, config):
            yield Problem("S110", what, doc.place((*loc, *inner), key=True), hint)
        for number, day in enumerate(config.no_outage):
            period = calendar.index(day)
            if calendar.end(period) != day:
                what = f"{day} is not the last day of a {calendar.unit}"
                hint = f"write {calendar.end(period - 1)} or {calendar.end(period)}"
                yield Problem("S110", what, doc.place((*loc, "no_outage", number)), hint)


def _exclude_problems(doc: YamlDoc, written: WorkspaceFile) -> Iterator[Problem]:
    for at, entry in enumerate(written.exclude):
        for what, hint in entry_faults(entry):
            yield Problem("S110", what, doc.place(("exclude", at)), hint)


def _privacy_problems(doc: YamlDoc, written: WorkspaceFile) -> Iterator[Problem]:
    columns = {
        f"{name}.{column}"
        for name, source in SOURCES.items()
        for column in [*(each.name for each in source.columns), *_declared(written.sources.get(name))]
    }
    if written.privacy.pseudonymise and written.privacy.show:
        what = "pseudonymise and show contradict each other: one names nobody, the other somebody"
        yield Problem("S110", what, doc.place(("privacy", "show"), key=True), "leave one of them out")
    for at, column in enumerate(written.privacy.show):
        if column not in columns:
            hint = did_you_mean(column, sorted(columns)) or "write source.column, e.g. usage.user_id"
            yield Problem("S110", f"no column is called '{column}'", doc.place(("privacy", "show", at)), hint)


def _declared(config: SourceConfig | None) -> list[str]:
    return [] if config is None else [*config.attributes, *config.keys]


def _guard_problems(doc: YamlDoc, written: WorkspaceFile) -> Iterator[Problem]:
    for inner, what, hint in source_faults(written.guards, written.sources):
        meant = did_you_mean(inner[-1], written.sources) if len(inner) == 2 else None
        known = f"sources: {', '.join(written.sources)}"
        yield Problem("S110", what, doc.place(("guards", *inner), key=True), hint or meant or known)
