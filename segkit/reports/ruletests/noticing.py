"""Which planted faults no case notices: only what a fault can change is decided again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.conditions.reads import deciding, segments_read
from segkit.engine.conditions.say import Speaker
from segkit.engine.decide_block import scanned_block
from segkit.engine.members.membership import Bools
from segkit.engine.members.primary import first_of
from segkit.engine.plan import Plan
from segkit.reports.ruletests.cases import Case
from segkit.reports.ruletests.faults import Fault, faults, limits_of
from segkit.reports.ruletests.running import plan_for, run_cases
from segkit.reports.ruletests.verdicts import judge
from segkit.ruleset.model import Dimension, RuleSet, Segment

_UNASKED = -1
Codes = npt.NDArray[np.int16]


class Boundaries(Struct, frozen=True):
    """Of one segment or flag: limits moved by a step or counted on the other side, and those unnoticed."""

    planted: int
    unnoticed: tuple[str, ...]


class _Asked(Struct, frozen=True):
    """What is expected of one segment or dimension: by which cases, and the codes they want in each week."""

    cases: npt.NDArray[np.intp]
    wanted: Codes


class Watch(Struct, frozen=True):
    """The cases as they run through the rules without a fault."""

    cases: tuple[Case, ...]
    plan: Plan
    member: Mapping[str, Bools]
    asked: Mapping[tuple[str, bool], _Asked]
    """By segment (and True) or dimension (and False)."""

    @classmethod
    def of(cls, rules: RuleSet, cases: Sequence[Case]) -> Watch:
        plan = plan_for(rules, cases)
        scans = scanned_block(plan, 0, len(cases))[1]
        labels = {d.name: (*(s.name for s in d.segments), d.otherwise) for d in rules.dimensions}
        return cls(
            tuple(cases), plan, {name: scan.member for name, scan in scans.items()}, _asked(cases, labels)
        )

    def unnoticed(self, planted: Iterable[Fault]) -> Iterator[Fault]:
        """Those with which every case still passes."""
        for fault in planted:
            if not self._notices(fault):
                yield fault

    def _notices(self, fault: Fault) -> bool:
        """Memberships and primaries tell most faults apart, in a fraction of the time of a whole run."""
        rules, changed = fault.rules, self._changed(fault.rules)
        member = {**self.member, **self._decided(rules, changed)} if changed else self.member
        found = [((name, True), member[name].astype(np.int16)) for name in changed]
        for before, dimension in zip(self.plan.rules.dimensions, rules.dimensions, strict=True):
            if before != dimension or not changed.isdisjoint(s.name for s in dimension.segments):
                found.append(((dimension.name, False), _primary(before, dimension, member)))
        asked = [(self.asked[key], codes) for key, codes in found if key in self.asked]
        if any(_differs(each, codes) for each, codes in asked):
            return True
        few = sorted({at for each, _ in asked for at in each.cases.tolist()})
        verdicts = judge(run_cases(rules, [self.cases[at] for at in few])) if few else ()
        return not all(verdict.passed for verdict in verdicts)

    def _changed(self, rules: RuleSet) -> frozenset[str]:
        """Segments that may decide otherwise than before: changed themselves, or reading one that is."""
        before = {segment.name: segment for segment in self.plan.rules.segments}
        limits = {n for n, limit in rules.thresholds.items() if limit != self.plan.rules.thresholds[n]}
        changed: set[str] = set()
        for segment in _in_order(rules):
            if (
                segment != before[segment.name]
                or limits & limits_of(segment)
                or changed & segments_read(segment)
            ):
                changed.add(segment.name)
        return frozenset(changed)

    def _decided(self, rules: RuleSet, changed: Collection[str]) -> dict[str, Bools]:
        needed = set(changed)
        for segment in reversed(_in_order(rules)):
            if segment.name in needed:
                needed |= segments_read(segment)
        few = replace(
            rules,
            dimensions=tuple(
                replace(d, segments=tuple(s for s in d.segments if s.name in needed))
                for d in rules.dimensions
            ),
            flags=tuple(flag for flag in rules.flags if flag.name in needed),
            trials=tuple(each for each in rules.trials if each.name in needed),
            scan_order=tuple(name for name in rules.scan_order if name in needed),
        )
        panel = self.plan.panel
        columns = {each.key: panel.columns[each.key] for each in deciding(few)}
        compiler = replace(self.plan.speaker.compiler, thresholds=rules.thresholds)
        plan = replace(
            self.plan, rules=few, panel=replace(panel, columns=columns), speaker=Speaker(few, compiler)
        )
        return {name: scan.member for name, scan in scanned_block(plan, 0, len(self.cases))[1].items()}


def boundaries(rules: RuleSet, cases: Sequence[Case]) -> dict[str, Boundaries]:
    """By segment and flag. Every case must pass."""
    planted = [fault for fault in faults(rules) if fault.boundary]
    left = list(Watch.of(rules, cases).unnoticed(planted))
    return {
        segment.name: Boundaries(
            sum(fault.segment == segment.name for fault in planted),
            tuple(fault.what for fault in left if fault.segment == segment.name),
        )
        for segment in rules.segments
    }


def _primary(before: Dimension, dimension: Dimension, member: Mapping[str, Bools]) -> Codes:
    """[A, T] places in the order that was before."""
    names = [segment.name for segment in dimension.segments]
    order = [segment.name for segment in before.segments]
    places = np.array([*(order.index(name) for name in names), len(names)], dtype=np.int16)
    found: Codes = places[first_of([member[name] for name in names])]
    return found


def _in_order(rules: RuleSet) -> list[Segment]:
    by_name = {segment.name: segment for segment in rules.segments}
    return [by_name[name] for name in rules.scan_order]


def _asked(cases: Sequence[Case], labels: Mapping[str, Sequence[str]]) -> dict[tuple[str, bool], _Asked]:
    """What one expectation says of a primary that only a whole run can tell (unknown, gone) is left out."""
    width = max(case.weeks for case in cases)
    found: dict[tuple[str, bool], dict[int, list[int]]] = {}
    for at, case in enumerate(cases):
        for each in case.expected:
            known = ("no", "yes") if each.member else labels[each.subject]
            codes = [known.index(w) if w in known else _UNASKED for w in each.weeks]
            rows = found.setdefault((each.subject, each.member), {})
            rows[at] = codes + [_UNASKED] * (width - case.weeks)
        if case.moves is not None:
            rows = found.setdefault((next(iter(labels)), False), {})
            rows.setdefault(at, [_UNASKED] * width)
    return {
        key: _Asked(np.array(list(rows), dtype=np.intp), np.array(list(rows.values()), dtype=np.int16))
        for key, rows in found.items()
    }


def _differs(asked: _Asked, got: Codes) -> bool:
    here = got[asked.cases]
    return bool(((asked.wanted != _UNASKED) & (here != asked.wanted)).any())
