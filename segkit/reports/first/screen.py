"""The first screen as values: is the data fine, sizes and moves, who to call first, what was not alarmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.capacity import NOBODY_COUNTS, CapacityFile
from segkit.engine.results import Decisions
from segkit.errors import Problem
from segkit.facts.load import Loaded
from segkit.reports import overridden, paused
from segkit.reports.first import calls, expected, health, held, supports
from segkit.reports.first.todo import Todo, todo
from segkit.reports.frames import crm
from segkit.ruleset.model import FLAGS, MAIN, RuleSet

NO_CURRENCY = "ARR"
"""Stands where amounts are exported without a currency."""


class Size(Struct, frozen=True):
    """A segment or flag at as_of; `came` and `went` count since the last published period."""

    name: str
    accounts: int
    arr: float | None
    came: int
    went: int
    off: str | None = None
    """Why no account can be in it (`no surveys`)."""


class Trial(Struct, frozen=True):
    """A segment on trial: who would be in it, and where they really are."""

    name: str
    accounts: int
    arr: float | None
    where: tuple[tuple[str, int], ...]
    """Primary -> accounts, the most first."""
    off: str | None = None

    def really(self) -> str:
        return "of them " + ", ".join(f"{name} {count}" for name, count in self.where) if self.where else ""


class Screen(Struct, frozen=True):
    """Everything the first screen says; how it looks is decided elsewhere."""

    workspace: str
    unit: str
    """week, month or day."""
    as_of: date
    since: date
    """End of the period the moves count from."""
    accounts: int
    health: health.Health
    currency: str | None
    """None where no ARR is exported, or in several currencies, so that a sum would mean nothing."""
    sizes: tuple[Size, ...]
    flags: tuple[Size, ...]
    by_rules: int
    """Moves that only a change of the rules made."""
    calls: tuple[calls.Call, ...]
    to_call: int
    """How many accounts have a task to be done this week, shown or not."""
    held: tuple[held.Held, ...]
    supports: tuple[str, ...]
    """What the data support; only on the first run of a workspace."""
    moved: int = 0
    """Accounts whose main segment is another one than at `since`, or that joined or left since."""
    dipped: tuple[str, ...] = ()
    """Accounts that fell as expected, the largest ARR first."""
    alarmed: int = 0
    """How many accounts fell further than expected: those in the segments to act on that ask for it."""
    paused: tuple[paused.Paused, ...] = ()
    """Who is paused, the widest pause first."""
    overridden: tuple[overridden.Overridden, ...] = ()
    """What people said against the rules, the largest ARR first; then what of it has ended."""
    groups: tuple[expected.Group, ...] = ()
    """Peer groups whose change stands out, unusual ones first."""
    currencies: tuple[str, ...] = ()
    """More than one where ARR cannot be summed."""
    rules_before: tuple[int, date] | None = None
    """Version of the rules before these, and the last day that they decided; None where none are known."""
    rules_changed: tuple[str, ...] = ()
    """What these say otherwise."""
    names_said: tuple[str, ...] = ()
    """Which segments have another name since the run before, and which are gone."""
    trials: tuple[Trial, ...] = ()
    todo: Todo | None = None
    """None where no playbook asks for anything."""
    results: str | None = None
    """Where the results lie; None where nothing was written."""

    def written_to(self, place: str) -> Screen:
        return replace(self, results=place)

    def with_changes(self, version: int, last: date, changes: tuple[str, ...]) -> Screen:
        """What the rules say otherwise than those before them."""
        return replace(self, rules_before=(version, last), rules_changed=changes)

    def with_names(self, renamed: Mapping[str, str], retired: Sequence[str]) -> Screen:
        """`renamed`: old -> new name, `retired`: gone without another one, since the run before."""
        said = []
        if renamed:
            pairs = ", ".join(f"{old} is {new}" for old, new in renamed.items())
            said.append(f"renamed: {pairs}; nobody moved by it")
        if retired:
            said.append(f"gone: {', '.join(retired)}; whoever was in it is elsewhere, cause rule_change")
        return replace(self, names_said=tuple(said))

    def remarked(self, remarks: tuple[str, ...]) -> Screen:
        return replace(self, health=replace(self.health, remarks=(*remarks, *self.health.remarks)))


def first_screen(
    rules: RuleSet,
    loaded: Loaded,
    decisions: Decisions,
    assignments: pl.DataFrame,
    transitions: pl.DataFrame,
    worklist: pl.DataFrame,
    *,
    workspace: str,
    since: date | None,
    capacity: CapacityFile = NOBODY_COUNTS,
    problems: Sequence[Problem] = (),
) -> Screen:
    """`assignments`, `transitions`, `worklist` as published; `since` None on the first run of a workspace."""
    facts = loaded.facts
    before = since or facts.calendar.end(int(facts.periods[-1]) - 1)
    moves = transitions.filter(pl.col("as_of") > before)
    main = moves.filter(pl.col("dimension") == MAIN)
    currencies = crm(facts)["currency"].drop_nulls().unique().sort()
    soon = calls.to_call(worklist, facts.as_of)
    has_arr = bool((assignments["arr"].fill_null(0) != 0).any())
    return Screen(
        workspace=workspace,
        unit=facts.calendar.unit,
        as_of=facts.as_of,
        since=before,
        accounts=assignments.height,
        health=health.look(loaded, decisions, assignments, problems),
        currency=(currencies.to_list() or [NO_CURRENCY])[0] if has_arr and len(currencies) <= 1 else None,
        sizes=_sizes(rules, decisions, assignments, main),
        flags=_flags(rules, decisions, moves.filter(pl.col("dimension") == FLAGS)),
        by_rules=main.filter(pl.col("cause") == "rule_change").height,
        calls=calls.first(rules, facts.as_of, assignments, main, soon),
        to_call=soon["account_id"].n_unique(),
        held=held.held(rules, decisions, assignments),
        dipped=expected.dipped(rules, decisions, assignments),
        alarmed=expected.alarmed(rules, assignments),
        paused=paused.paused(decisions, assignments),
        overridden=overridden.overridden(decisions, assignments),
        groups=expected.groups(decisions),
        supports=supports.supports(rules, loaded, decisions) if since is None else (),
        moved=main["account_id"].n_unique(),
        currencies=tuple(currencies) if has_arr and len(currencies) > 1 else (),
        trials=_trials(rules, decisions, assignments),
        todo=todo(worklist, before, facts.as_of, capacity),
    )


def _sizes(
    rules: RuleSet, decisions: Decisions, assignments: pl.DataFrame, moves: pl.DataFrame
) -> tuple[Size, ...]:
    names = [s.name for s in rules.main.segments] + [rules.main.otherwise, "unknown"]
    found = []
    for name in dict.fromkeys(names):
        rows = assignments.filter(pl.col("primary") == name)
        came = moves.filter(pl.col("to") == name).height
        went = moves.filter(pl.col("from") == name).height
        if name == "unknown" and not (rows.height or came or went):
            continue
        arr = sum(rows["arr"].drop_nulls().to_list())
        found.append(Size(name, rows.height, arr, came, went, decisions.off.get(name)))
    return tuple(found)


def _flags(rules: RuleSet, decisions: Decisions, moves: pl.DataFrame) -> tuple[Size, ...]:
    found = []
    for flag in rules.flags:
        members = decisions.member[flag.name][:, -1] & decisions.on_roster[:, -1]
        came = moves.filter(pl.col("to") == flag.name).height
        went = moves.filter(pl.col("from") == flag.name).height
        found.append(Size(flag.name, int(members.sum()), None, came, went, decisions.off.get(flag.name)))
    return tuple(found)


def _trials(rules: RuleSet, decisions: Decisions, assignments: pl.DataFrame) -> tuple[Trial, ...]:
    found = []
    for segment in rules.trials:
        rows = assignments.filter(pl.col("trial").str.split("; ").list.contains(segment.name))
        where = rows["primary"].value_counts(name="n").sort("n", "primary", descending=[True, False])
        arr = sum(rows["arr"].drop_nulls().to_list())
        off = decisions.off.get(segment.name)
        found.append(Trial(segment.name, rows.height, arr, tuple(where.iter_rows()), off))
    return tuple(found)
