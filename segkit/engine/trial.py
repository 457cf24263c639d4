"""The main dimension under many rule sets that differ in named numbers and timers, over one panel.

Metrics are worked out once; conditions that read no changed number are asked once per block of accounts, the
others once per set of numbers; memberships are scanned for each rule set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec.structs import replace

from segkit.engine.conditions.reads import columns_of, conditions, segments_read
from segkit.engine.conditions.say import Speaker
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.decide_block import ground_of, primary_of, rows_of
from segkit.engine.decisions import BLOCK_ROWS, decided, planned
from segkit.engine.members.evaluate import scan_all
from segkit.engine.plan import Plan, plan_of
from segkit.engine.results import Codes
from segkit.engine.stretches import stops
from segkit.facts.types import Facts
from segkit.ruleset import expr as x
from segkit.ruleset.model import RuleSet

Part = tuple[int, int, int, Codes]
"""(place of the rule set, first account, the one behind the last, [accounts, T] primaries)."""


def trial_plan(rules: RuleSet, facts: Facts) -> Plan:
    """All of history under those of the rules that say who is where in the main dimension."""
    return planned(only_main(rules), facts)


def only_main(rules: RuleSet) -> RuleSet:
    """The main dimension, and as flags the segments elsewhere whose membership it reads."""
    by_name = {segment.name: segment for segment in rules.segments}
    main = {segment.name for segment in rules.main.segments}
    needed, todo = set(main), list(main)
    while todo:
        read = segments_read(by_name[todo.pop()]) - needed
        needed |= read
        todo += sorted(read)
    return replace(
        rules,
        dimensions=(rules.main,),
        flags=tuple(s for s in rules.segments if s.name in needed - main),
        trials=(),
        scan_order=tuple(name for name in rules.scan_order if name in needed),
        playbooks={},
    )


def trial(plan: Plan, candidates: Sequence[RuleSet], block_rows: int = BLOCK_ROWS) -> Iterator[Part]:
    """Block after block of accounts, each under every rule set.

    The candidates differ from the rules of the plan in thresholds and timers alone.
    """
    accounts = len(plan.facts.roster.accounts)
    if stops(plan.facts, plan.first):
        # Somebody merges into an account that begins later: all others must stand before it can.
        for place, rules in enumerate(candidates):
            done = decided(plan_of(only_main(rules), plan.facts, plan.panel, None))
            yield place, 0, accounts, done.dimensions[rules.main.name].primary
        return
    plans = [_under(plan, only_main(rules)) for rules in candidates]
    size = max(block_rows // (len(plan.facts.periods) + plan.lead), 1)
    for start in range(0, accounts, size):
        yield from _block(plan, plans, start, min(start + size, accounts))


def _block(plan: Plan, plans: Sequence[Plan], start: int, stop: int) -> Iterator[Part]:
    rows, ground = rows_of(plan, start, stop), ground_of(plan, start, stop)
    on = plan.facts.roster.on[start:stop, plan.first :]
    paused = {name: plan.paused(name, start, stop) for name in plan.panel.paused}
    moved = _varied(plan.rules, [each.rules for each in plans])
    fixed = Sheet(rows, plan.speaker.compiler, plan.lead)
    fixed.evaluate(c for s in plan.rules.segments for c in conditions(s) if not _reads(c, moved))
    memory = plan.memory.part(start, stop)
    _, scanned, _ = scan_all(plan, rows, ground, paused, memory, _copy(fixed, plan))
    still = [s for s in plan.rules.segments if not any(_reads(c, moved) for c in conditions(s))]
    asked: dict[tuple[float, ...], Sheet] = {}
    for place, each in enumerate(plans):
        numbers = tuple(each.rules.thresholds[name].default for name in sorted(moved))
        if numbers not in asked:
            asked[numbers] = _copy(fixed, each)
            asked[numbers].evaluate(c for s in each.rules.segments for c in conditions(s) if not _reads(c))
        same = {s.name: scanned[s.name] for s in still if s in each.rules.segments}
        sheet = _copy(asked[numbers], each)
        _, scans, overs = scan_all(each, rows, ground, paused, memory, sheet, same)
        main = each.rules.main
        yield place, start, stop, primary_of(each, main, sheet, scans, overs, on, paused, memory).code


def _under(plan: Plan, rules: RuleSet) -> Plan:
    """The plan for other rules over the same panel."""
    compiler = replace(plan.speaker.compiler, thresholds=rules.thresholds)
    return replace(plan, rules=rules, speaker=Speaker(rules, compiler))


def _copy(sheet: Sheet, plan: Plan) -> Sheet:
    return Sheet(sheet.block, plan.speaker.compiler, plan.lead, dict(sheet.value), dict(sheet.names))


def _varied(rules: RuleSet, candidates: Sequence[RuleSet]) -> frozenset[str]:
    """Thresholds that are not the same everywhere."""
    return frozenset(
        name
        for name, threshold in rules.thresholds.items()
        if any(each.thresholds[name] != threshold for each in candidates)
    )


def _reads(condition: x.Condition, limits: Collection[str] = ()) -> bool:
    """Whether a condition asks for one of these thresholds, or for a membership."""
    if any(isinstance(each, x.Limit) and each.name in limits for each in x.operands(condition)):
        return True
    return any(
        isinstance(leaf, x.Member) or any(isinstance(c, x.WeeksIn) for c in columns_of(leaf))
        for leaf in x.leaves(condition)
    )
