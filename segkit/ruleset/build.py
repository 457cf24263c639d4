"""A rule file to a rule set: names collected, every part resolved, every problem noted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any as AnyValue

from msgspec import Struct, field
from msgspec.structs import replace

from segkit.columns import ACCOUNT
from segkit.errors import Problem
from segkit.ruleset import schema
from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.expr import Condition, Named, Span, children
from segkit.ruleset.implies import implies
from segkit.ruleset.metrics import CustomMetrics, thresholds
from segkit.ruleset.model import (
    MAIN,
    Baselines,
    Dimension,
    LeftOut,
    Playbook,
    Review,
    RuleSet,
    Segment,
    Times,
    Variant,
)
from segkit.ruleset.order import scan_order, segment_reads
from segkit.ruleset.scope import RuleScope
from segkit.ruleset.status import counting, earlier_names, refuse_earlier_names, refuse_trials
from segkit.ruleset.suggest import did_you_mean
from segkit.ruleset.timers import REMEMBERED, TimerFault, days_of, minutes_of, periods, times
from segkit.ruleset.written import Reader
from segkit.yamltext import Loc

MAX_LEAVES = 5_000
"""Comparisons of one condition with all names written out."""
MAX_DEPTH = 100
"""Levels of one condition with all names written out."""

RESERVED = frozenset({"unknown", "none", "left"})
"""Primaries that stand for no segment."""
_OUTPUT = frozenset(
    f"{ACCOUNT} name as_of primary since weeks_in previous also flags because basis confidence peers"
    " data_age_days stale paused override earliest_exit playbook csm arr ruleset logic segments trial".split()
)
"""Columns of assignments; a dimension becomes a column too."""


class Builder(Struct):
    """Builds a rule set of one file; what is wrong goes to `reader.names.problems`."""

    file: schema.RuleFile
    reader: Reader
    columns: Mapping[str, Mapping[str, str]]
    metrics: CustomMetrics
    conditions: dict[str, Condition | None] = field(default_factory=dict)
    _reading: list[str] = field(default_factory=list)
    _sizes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def build(self) -> RuleSet | None:
        """The rule set, or None when an error was noted. Its `logic` is still empty."""
        names, file = self.reader.names, self.file
        self._declare()
        names.thresholds.update(thresholds(self.reader, file.thresholds))
        names.condition_of, names.metric_of = self._condition, self.metrics.known
        for name in file.metrics:
            self.metrics.get(name)
        for name in file.conditions:
            self._condition(name)
        playbooks = {name: self._playbook(name, written) for name, written in file.playbooks.items()}
        dimensions = [Dimension(MAIN, self._segments(file.segments, (MAIN,)), file.otherwise)]
        for name, entries in file.dimensions.items():
            dimensions.append(Dimension(name, self._segments(entries, ("dimensions", name))))
        flags = self._segments(file.flags, ("flags",))
        every = [*(s for d in dimensions for s in d.segments), *flags]
        trials = tuple(segment for segment in every if segment.trial_of)
        refuse_trials(self.reader, file, every, playbooks.values())
        self._peers()
        review = self._review()
        compared = self._baselines()
        order = self._order(every)
        if any(problem.severity == "error" for problem in names.problems):
            return None
        return RuleSet(
            name=file.name,
            version=file.version,
            dimensions=tuple(replace(d, segments=counting(d.segments)) for d in dimensions),
            flags=counting(flags),
            trials=trials,
            thresholds={k: v for k, v in names.thresholds.items() if v is not None},
            conditions={k: v for k, v in self.conditions.items() if v is not None},
            metrics={k: v for k, v in self.metrics.found.items() if v is not None},
            playbooks=playbooks,
            peers=tuple(file.peers),
            baselines=compared,
            definitions=names.definitions,
            calendar=names.calendar,
            scan_order=order,
            review_by=review,
            path=self.reader.doc.path,
        )

    def _declare(self) -> None:
        """Collects what the file declares and refuses names that would mean two things."""
        names, file = self.reader.names, self.file
        names.conditions = frozenset(file.conditions)
        names.metrics = frozenset(file.metrics)
        seen: dict[str, str] = {}
        groups: list[tuple[Loc, list[schema.SegmentFile]]] = [((MAIN,), file.segments)]
        groups += [(("dimensions", name), entries) for name, entries in file.dimensions.items()]
        groups.append((("flags",), file.flags))
        for loc, entries in groups:
            for i, entry in enumerate(entries):
                self._one_segment_name(entry.name, (*loc, i, "name"), seen)
        refuse_earlier_names(self.reader, groups, {**seen, file.otherwise: "otherwise"})
        names.flags = frozenset(entry.name for entry in file.flags)
        names.segments = frozenset(seen) - names.flags
        if file.otherwise in seen:
            self._twice(file.otherwise, "a segment", self.reader.span_of(("otherwise",)))
        for name in file.dimensions:
            if name in _OUTPUT:
                span = self.reader.span_of(("dimensions", name), key=True)
                names.say("R111", f"'{name}' is a column of the results and cannot be a dimension", span)
        self._words()

    def _one_segment_name(self, name: str, loc: Loc, seen: dict[str, str]) -> None:
        span = self.reader.span_of(loc)
        if name in seen:
            self._twice(name, f"a segment or flag (line {seen[name]})", span)
        elif name in RESERVED:
            self.reader.names.say("R111", f"'{name}' is reserved", span, "choose another name")
        seen.setdefault(name, str(span.line))

    def _words(self) -> None:
        """A bare word must mean one thing: metric, attribute, condition or flag."""
        names, file = self.reader.names, self.file
        for name in file.metrics:
            if name in METRICS or name in names.attributes:
                kind = "a built-in metric" if name in METRICS else "an account attribute"
                self._twice(name, kind, self.reader.span_of(("metrics", name), key=True))
        taken = {
            **dict.fromkeys(names.attributes, "an account attribute"),
            **dict.fromkeys(METRICS, "a metric"),
        }
        taken |= dict.fromkeys(file.metrics, "a metric")
        for name in file.conditions:
            if name in taken:
                self._twice(name, taken[name], self.reader.span_of(("conditions", name), key=True))
        taken |= dict.fromkeys(file.conditions, "a named condition")
        for i, entry in enumerate(file.flags):
            if entry.name in taken:
                self._twice(entry.name, taken[entry.name], self.reader.span_of(("flags", i, "name")))

    def _twice(self, name: str, kind: str, span: Span) -> None:
        self.reader.names.say("R111", f"'{name}' is already {kind}", span, "choose another name")

    def _condition(self, name: str) -> Condition | None:
        """A named condition, read when first asked for; a circle is R108."""
        if name in self._reading:
            path = " → ".join([*self._reading[self._reading.index(name) :], name])
            span = self.reader.span_of(("conditions", name), key=True)
            self.reader.names.say("R108", f"these conditions are made of each other: {path}", span)
            self.conditions[name] = None
            return None
        if name not in self.conditions:
            self._reading.append(name)
            found = self._read(self.file.conditions[name], ("conditions", name))
            self._reading.pop()
            self.conditions.setdefault(name, found)
        return self.conditions[name]

    def _read(self, written: schema.Condition | None, loc: Loc) -> Condition | None:
        """A condition of a size that can still be looked at."""
        found = self.reader.condition(written, loc, RuleScope(self.reader.names))
        if found is None:
            return None
        size, depth = self._size(found)
        if size <= MAX_LEAVES and depth <= MAX_DEPTH:
            return found
        much = f"more than {MAX_LEAVES} comparisons" if size > MAX_LEAVES else f"more than {MAX_DEPTH} levels"
        what = f"{much} with all names written out"
        self.reader.names.say("R101", what, self.reader.span_of(loc), "use smaller conditions")
        return None

    def _size(self, condition: Condition) -> tuple[int, int]:
        """Comparisons and levels with all names written out; a name is measured once."""
        if isinstance(condition, Named):
            if condition.name not in self._sizes:
                self._sizes[condition.name] = self._size(condition.of)
            size, depth = self._sizes[condition.name]
            return size, depth + 1
        inside = [self._size(child) for child in children(condition)]
        if not inside:
            return 1, 1
        return sum(size for size, _ in inside), 1 + max(depth for _, depth in inside)

    def _segments(self, entries: list[schema.SegmentFile], loc: Loc) -> tuple[Segment, ...]:
        found = [self._segment(entry, (*loc, i)) for i, entry in enumerate(entries)]
        return tuple(segment for segment in found if segment is not None)

    def _segment(self, entry: schema.SegmentFile, loc: Loc) -> Segment | None:
        names = self.reader.names
        enter = self._read(entry.enter, (*loc, "enter"))
        exit_ = self._read(entry.exit, (*loc, "exit"))
        at_once = self._read(entry.at_once, (*loc, "at_once"))
        if enter is not None and at_once is not None:
            self._certain(at_once, enter, (*loc, "at_once"))
        if entry.playbook is not None and entry.playbook not in self.file.playbooks:
            hint = did_you_mean(entry.playbook, self.file.playbooks) or ""
            span = self.reader.span_of((*loc, "playbook"))
            names.say(
                "R115", f"unknown playbook '{entry.playbook}'", span, hint or "declare it under playbooks:"
            )
        timers: dict[str, AnyValue] = {}
        for key in ("enter_after", "exit_after"):
            timers[key] = self._timer(times(getattr(entry, key), names.calendar), (*loc, key)) or Times()
        for key in ("min_stay", "cooldown", "max_gap", "expire_after"):
            timers[key] = self._timer(periods(getattr(entry, key), names.calendar), (*loc, key))
        self._countable(timers, loc)
        if enter is None:
            return None
        span = self.reader.span_of((*loc, "name"))
        return Segment(
            entry.name,
            enter,
            exit_,
            at_once,
            means=entry.means,
            playbook=entry.playbook,
            was=earlier_names(entry),
            trial_of="" if entry.status == "live" else str(loc[-2]),
            span=span,
            **timers,
        )

    def _certain(self, at_once: Condition, enter: Condition, loc: Loc) -> None:
        """Refuses an at_once that may hold while enter does not."""
        if implies(at_once, enter):
            return
        # Only what the words do not show has to be proved.
        from segkit.ruleset.proofs.at_once import not_certain

        names, file = self.reader.names, self.file
        limits = {name: limit for name, limit in names.thresholds.items() if limit is not None}
        metrics = {name: metric for name, metric in self.metrics.found.items() if metric is not None}
        known = RuleSet(file.name, file.version, (), (), limits, metrics=metrics, calendar=names.calendar)
        witness = not_certain(known, at_once, enter)
        if witness is not None:
            what, hint = (
                "at_once does not make enter certain",
                "at_once must be enter itself or one branch of its any:",
            )
            where = self.reader.place(self.reader.span_of(loc))
            shown = witness if witness.weeks else None
            names.problems.append(Problem("R114", what, where, hint, witness=shown))

    def _countable(self, timers: Mapping[str, AnyValue], loc: Loc) -> None:
        """Refuses timers that the membership scan cannot count."""
        unit, say = self.reader.names.calendar.unit, self.reader.names.say
        waits: dict[str, Times] = {key: timers[key] for key in ("enter_after", "exit_after")}
        if any(wait.need < wait.of for wait in waits.values()):
            for key, wait in waits.items():
                if wait.of > REMEMBERED:
                    what = f"{wait.of} {unit}s are too many to remember one by one, as 'n of m' does"
                    hint = f"at most {REMEMBERED}, for enter_after and exit_after alike"
                    say("R113", what, self.reader.span_of((*loc, key)), hint)
        if timers["expire_after"] == 0:
            what = f"expire_after counts {unit}s of an unknown exit: at least 1"
            say("R113", what, self.reader.span_of((*loc, "expire_after")), f"write for example: 8 {unit}s")

    def _timer(self, found: int | Times | TimerFault, loc: Loc) -> int | Times | None:
        if isinstance(found, tuple):
            self.reader.names.say("R113", found[0], self.reader.span_of(loc), found[1])
            return None
        return found

    def _playbook(self, name: str, written: schema.PlaybookFile) -> Playbook:
        loc: Loc = ("playbooks", name)
        self._spans(dict(written), loc)
        variants = []
        for i, variant in enumerate(written.variants):
            when = self._read(variant.when, (*loc, "variants", i, "when"))
            changes = {k: v for k, v in variant if k != "when" and v is not None}
            self._spans(changes, (*loc, "variants", i))
            if when is not None:
                variants.append(Variant(when, changes))
        found = Playbook(
            name,
            written.goal,
            self._read(written.success, (*loc, "success")),
            written.within,
            written.owner,
            written.due,
            written.effort,
            tuple(written.steps),
            variants=tuple(variants),
        )
        if written.escalate is None:
            return found
        when = self._read(written.escalate.when, (*loc, "escalate", "when"))
        return replace(found, escalate_to=written.escalate.to, escalate_when=when)

    def _spans(self, written: Mapping[str, AnyValue], loc: Loc) -> None:
        """Refuses times of a playbook that nobody could count."""
        for key, read, example in (
            ("due", days_of, "2 days"),
            ("within", days_of, "6 weeks"),
            ("effort", minutes_of, "90 minutes"),
        ):
            text = written.get(key)
            if text and read(text) is None:
                hint = f"write for example: {example}"
                self.reader.names.say("R113", f"'{text}' is no time", self.reader.span_of((*loc, key)), hint)

    def _peers(self) -> None:
        names = self.reader.names
        for i, peer in enumerate(self.file.peers):
            if peer not in names.attributes and peer != "\0":
                hint = did_you_mean(peer, names.attributes)
                names.say(
                    "R104", f"unknown account attribute '{peer}'", self.reader.span_of(("peers", i)), hint
                )

    def _review(self) -> Review | None:
        if self.file.review_by is None:
            return None
        span = self.reader.span_of(("review_by",))
        try:
            return Review(date.fromisoformat(self.file.review_by), span)
        except ValueError:
            what = f"'{self.file.review_by}' is no date"
            self.reader.names.say("R101", what, span, "write a date as 2026-11-15")
            return None

    def _baselines(self) -> Baselines:
        written = self.file.baselines
        spans = [self._left_out(i, each) for i, each in enumerate(written.exclude_history)]
        left_out = tuple(span for span in spans if span is not None)
        return Baselines(written.peer_excuse, float(written.min_volume), left_out)

    def _left_out(self, place: int, written: schema.LeftOutFile) -> LeftOut | None:
        loc: Loc = ("baselines", "exclude_history", place)
        say, span_of = self.reader.names.say, self.reader.span_of
        days: list[date] = []
        for key, text in (("from", written.from_), ("to", written.to)):
            try:
                days.append(date.fromisoformat(text))
            except ValueError:
                say("R101", f"'{text}' is no date", span_of((*loc, key)), "write a date as 2026-11-15")
        if len(days) < 2:
            return None
        if days[0] > days[1]:
            say("R101", f"{days[0]} lies after {days[1]}", span_of((*loc, "from")), "from comes first")
            return None
        return LeftOut(str(written.account), *days)

    def _order(self, segments: list[Segment]) -> tuple[str, ...]:
        reads = {segment.name: segment_reads(segment) for segment in segments}
        order, circle = scan_order({name: tuple(found) for name, found in reads.items()})
        if circle is not None:
            what = f"these segments wait for each other: {' → '.join(circle)}"
            self.reader.names.say(
                "R108", what, reads[circle[0]][circle[1]].span, "leave one of the references out"
            )
        return order
