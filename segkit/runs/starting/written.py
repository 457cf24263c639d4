"""The workspace file that `init` writes: what was found, commented, with examples of what was not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from segkit.facts.files.cells import Cell
from segkit.facts.mapping import SourceConfig
from segkit.runs.given.commonest import Commonest
from segkit.runs.starting.choose import Chosen
from segkit.runs.starting.trial import Read
from segkit.yamltext import resolve_scalar

_HEAD = """\
# yaml-language-server: $schema=schema/workspace.schema.json
#
# What your exports are called and what their columns mean.
# Lines with # are examples: remove the # to use one.
# `segkit check all` says what is still missing; `segkit assign` does the work.
version: 1
name: My company
timezone: UTC                  # where your days begin, e.g. Europe/Berlin
period: week                   # week, month or day
week_ends: sunday
rules: rules/saas.yaml
"""
_ACCOUNTS = """\
  accounts:                    # one row per customer, from your CRM
    files: accounts.csv        # several over time: accounts_{date}.csv, the date is read from the name
    # preset: salesforce/ui    # whose export it is, if its headers are not yours: docs/presets.md
    # columns:                 # our name: the header in your file; headers that already match need no line
    #   account_id: Account ID
    #   name: Company
    #   arr: Annual revenue
    # dates: "%d.%m.%Y"        # when dates are not written 2026-11-15
    # decimal: ","             # when numbers are written 1.234,5
    # thousands: "."
    # separator: ";"
    # attributes: {tier: text} # further columns that your rules should know
"""
_USAGE = """\
  usage:                       # one row per event, from your product
    files: usage.csv           # or usage_*.csv.gz for several
    # delivery: append         # several files with days of their own; `window` when they overlap
    # columns: {at: timestamp, account_id: org_id, event: event_name}
"""
_EXAMPLES = {
    "accounts": "accounts: {files: accounts.csv}              # one row per customer, from your CRM",
    "usage": "usage: {files: usage.csv}                    # one row per event, from your product",
    "contacts": "contacts: {files: contacts.csv}              # whose user id is whose",
    "tickets": "tickets: {files: tickets.csv}",
    "surveys": "surveys: {files: surveys.csv}",
    "subscriptions": "subscriptions: {files: subscriptions.csv}",
    "payments": "payments: {files: payments.csv}",
    "touchpoints": "touchpoints: {files: touchpoints.csv}",
    "milestones": "milestones: {files: milestones.csv}",
    "pauses": "pauses: {files: pauses.csv}                  # who is not to be judged for a while",
    "overrides": "overrides: {files: overrides.csv}            # who is where, whatever the rules say",
}
_DEFINITIONS = """\
definitions:                   # what these words mean in your product; names as in the usage file
{seen}  login: {login}
  # activity: {{except_events: [email_opened]}}    # events that are no use of the product
  core_features: {core}           # what a customer must use to get the value
  advanced_features: {advanced}
  core_workflow: {workflow}    # the piece of work they bought it for
  # expected_milestones: {{first_report: 30}}      # days after signup
  # first_value: first_report
"""
_LOGIN = "active_day        # or {events: [login]} when logins are exported"
_PLAIN = re.compile(r"[A-Za-z0-9_./$][A-Za-z0-9_./()$+-]*( [A-Za-z0-9_./()$+-]+)*")
"""Texts that need no quotes anywhere."""
_CORE = 5
_LISTED = 12


class Found(Struct, frozen=True):
    """All that the file is to say."""

    exports: str = "exports"
    sources: Mapping[str, Read] = field(default_factory=dict)
    left: Mapping[str, tuple[Chosen, str]] = field(default_factory=dict)
    """Source -> what was tried, and why it stands there as a comment."""
    unused: Mapping[str, str] = field(default_factory=dict)
    seen: Commonest | None = None


def written(found: Found) -> str:
    """The text of segkit.yaml."""
    parts = [_HEAD]
    if found.exports != "exports":
        parts.append(f"exports: {found.exports}                     # where the exports lie\n")
    parts.append("\nsources:\n")
    if not found.sources:
        parts.append(f"{_ACCOUNTS}\n{_USAGE}\n")
    for source, read in found.sources.items():
        parts.append(_entry(source, read.config, _why(read.chosen)))
        parts += [f"    # {_printable(remark)}\n" for remark in read.remarks]
        parts.append("\n")
    for source, (chosen, why) in found.left.items():
        parts.append(_commented(_entry(source, chosen.config, [f"not read: {_printable(why)}"])) + "\n")
    for name, why in found.unused.items():
        parts.append(f"  # {_printable(name)} is not used: {_printable(why)}\n")
    missing = [
        line
        for source, line in _EXAMPLES.items()
        if source not in found.sources and source not in found.left
        if found.sources or source not in ("accounts", "usage")
    ]
    parts += [f"  # {line}\n" for line in missing]
    parts.append("\n" + _definitions(found.seen))
    return "".join(parts)


def _entry(source: str, config: SourceConfig, why: Sequence[str]) -> str:
    """One source as YAML, with what speaks for it."""
    said = config.model_dump(mode="json", exclude_defaults=True)
    said["columns"] = {name: _column(cell) for name, cell in config.columns.items()}
    kept = {name: value for name, value in said.items() if value not in ({}, None)}
    lines = [line for name, value in kept.items() for line in _lines(name, value)]
    head = f"  {source}:{' ' * max(28 - len(source), 1)}# {why[0]}\n" if len(why) == 1 else f"  {source}:\n"
    told = "".join(f"    # {one}\n" for one in why) if len(why) > 1 else ""
    return head + told + "".join(f"    {line}\n" for line in lines)


def _lines(name: str, value: object) -> list[str]:
    """A key and its value; a mapping has a line for each of its own keys."""
    if isinstance(value, dict):
        return [f"{name}:", *(f"  {_flow(key)}: {_flow(inner)}" for key, inner in value.items())]
    if isinstance(value, list) and len(value) > 2:
        return [f"{name}:", *(f"  - {_flow(inner)}" for inner in value)]
    return [f"{name}: {_flow(value)}"]


def _flow(value: object) -> str:
    """One line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and isinstance(resolve_scalar(value), str)
        return value if plain else json.dumps(_printable(value), ensure_ascii=False)
    return json.dumps(value)


def _column(cell: str | Cell) -> object:
    return cell if isinstance(cell, str) else cell.model_dump(mode="json", exclude_defaults=True)


def _commented(entry: str) -> str:
    return "".join(f"  # {line[2:]}\n" for line in entry.splitlines())


def _why(chosen: Chosen) -> list[str]:
    return list(dict.fromkeys(f"{one.title}, {one.certainty}" for _, one in chosen.ways))


def _definitions(seen: Commonest | None) -> str:
    events = seen.events if seen is not None else ()
    features = seen.features if seen is not None else ()
    logins = seen.logins if seen is not None else ()
    work = [name for name, _ in events if name not in logins]
    workflow = f"{{events: {_words(work[:1])}}}" if work else "{events: [report_published]}"
    return _DEFINITIONS.format(
        seen=_comment("events", events) + _comment("features", features),
        login=f"{{events: {_words(logins)}}}" if logins else _LOGIN,
        core=_words([name for name, _ in features[:_CORE]]) if features else "[dashboards, reports]",
        advanced=_words([name for name, _ in features[_CORE:][:3]]) if len(features) > _CORE else "[api]",
        workflow=workflow,
    )


def _comment(kind: str, names: Sequence[tuple[str, int]]) -> str:
    """A line of YAML comment with the commonest names; nothing where there are none."""
    said = ", ".join(f"{_printable(name)} {count:,}" for name, count in names[:_LISTED])
    return f"  # {kind} in your files, the commonest first: {said}\n" if said else ""


def _words(names: Sequence[str]) -> str:
    return json.dumps([_printable(name) for name in names], ensure_ascii=False)


def _printable(name: str) -> str:
    return "".join(character for character in name if character.isprintable())
