"""Thresholds and custom metrics of a rule file, each resolved when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from msgspec import Struct, field

from segkit.columns import SOURCES
from segkit.ruleset import schema
from segkit.ruleset.catalogue import SpecKind
from segkit.ruleset.expr import Condition, Limit, Number
from segkit.ruleset.expr import operands as operands_of
from segkit.ruleset.model import CustomMetric, MetricKind, Threshold
from segkit.ruleset.printing import format_number
from segkit.ruleset.scope import COUNTS_PEOPLE, NOT_KEPT, ColumnScope, Known, RuleScope, source_columns
from segkit.ruleset.suggest import did_you_mean
from segkit.ruleset.timers import window_days
from segkit.ruleset.typed import NUMERIC
from segkit.ruleset.written import Reader
from segkit.yamltext import Loc

KINDS: tuple[str, ...] = get_args(MetricKind)
_WHOLE_ROWS = frozenset({"count", "share_of", "days_since"})
"""Kinds that read rows of a source; the others but formula read one of its columns."""
_NO_WINDOW = frozenset({"formula", "latest", "days_since"})
_SPEC_KIND: Mapping[str, SpecKind] = {
    "count": "count",
    "sum": "count",
    "distinct": "count",
    "share_of": "share",
}
_UNIT = {"count": "count", "distinct": "count", "share_of": "share", "days_since": "days"}
WHO_IS_WHO = frozenset({"accounts", "contacts", "crosswalk"})
"""Sources whose rows are no events of an account."""
_SUFFIX = re.compile(r".+_(\d{1,5})d")


def thresholds(reader: Reader, written: Mapping[str, schema.AnyThreshold]) -> dict[str, Threshold | None]:
    """Every declared threshold; None where its value was reported."""
    return {name: _threshold(reader, name, value) for name, value in written.items()}


def _threshold(reader: Reader, name: str, written: schema.AnyThreshold) -> Threshold | None:
    loc: Loc = ("thresholds", name)
    if not isinstance(written, schema.ThresholdFile):
        number = amount(reader, written, loc)
        return None if number is None else Threshold(name, number.value, text=number.text, unit=number.unit)
    default = amount(reader, written.default, (*loc, "default"))
    values = {key: amount(reader, value, (*loc, "values", key)) for key, value in written.values.items()}
    names = reader.names
    if written.by is not None and written.by not in names.attributes:
        what = f"unknown account attribute '{written.by}'"
        names.say("R104", what, reader.span_of((*loc, "by")), did_you_mean(written.by, names.attributes))
        return None
    if written.by is not None and names.attributes[written.by] != "text":
        what = f"{written.by} is {names.attributes[written.by]}; a threshold differs by a text"
        names.say("R106", what, reader.span_of((*loc, "by")), "for example by: industry")
        return None
    if written.values and written.by is None:
        names.say("R110", f"'values' of ${name} needs 'by'", reader.span_of((*loc, "values"), key=True))
        return None
    if default is None or any(value is None for value in values.values()):
        return None
    found = {key: value for key, value in values.items() if value is not None}
    for key, value in found.items():
        if value.unit != default.unit:
            what = f"{value.text} and the default {default.text} are not of one kind"
            names.say(
                "R107", what, reader.span_of((*loc, "values", key)), "write both with % or both without"
            )
            return None
    numbers = {key: value.value for key, value in found.items()}
    return Threshold(name, default.value, written.by, numbers, default.text, default.unit)


def amount(reader: Reader, written: schema.Amount, loc: Loc) -> Number | None:
    """A fixed number: 5, -30% (unit share), 14 days (in days)."""
    names = reader.names
    if isinstance(written, int | float):
        return Number(float(written), format_number(float(written)), None, reader.span_of(loc))
    value = reader.value(written, loc, RuleScope(names))
    if value is None:
        return None
    if value.written is None or not isinstance(value.operand, Number):
        names.say(
            "R106",
            f"'{written}' is no fixed number",
            reader.span_of(loc),
            "write for example 5, -30% or 14 days",
        )
        return None
    number, unit = value.operand, value.written.unit
    if unit in (None, "%"):
        return Number(number.value, number.text, "share" if unit else None, number.span)
    days = {"days": 1.0, "weeks": 7.0}.get(unit or "")
    if days is None:
        names.say(
            "R106",
            f"'{written}' is no number of days or weeks",
            reader.span_of(loc),
            "write for example 14 days",
        )
        return None
    return Number(number.value * days, number.text, "days", number.span)


def seen_from_outside(metric: CustomMetric) -> Known:
    """A metric as expressions that use it see it."""
    kind = _SPEC_KIND.get(metric.kind, "share" if metric.unit == "share" else "level")
    low = 0.0 if metric.kind in ("count", "distinct", "share_of", "days_since") else None
    return Known(metric.unit, kind, low, 1.0 if metric.kind == "share_of" else None)


class CustomMetrics(Struct):
    """The metrics of a rule file; formulas may use each other, so each is read on demand."""

    reader: Reader
    written: Mapping[str, schema.MetricFile]
    columns: Mapping[str, Mapping[str, str]]
    found: dict[str, CustomMetric | None] = field(default_factory=dict)
    _reading: list[str] = field(default_factory=list)

    def get(self, name: str) -> CustomMetric | None:
        """The metric, or None where something in it was reported; a circle of formulas is R108."""
        if name in self._reading:
            path = " → ".join([*self._reading[self._reading.index(name) :], name])
            what = f"these metrics are made of each other: {path}"
            self.reader.names.say("R108", what, self.reader.span_of(("metrics", name), key=True))
            self.found[name] = None
            return None
        if name not in self.found:
            self._reading.append(name)
            metric = self._read(name, self.written[name])
            self._reading.pop()
            self.found.setdefault(name, metric)
        return self.found[name]

    def known(self, name: str) -> Known | None:
        metric = self.get(name)
        return None if metric is None else seen_from_outside(metric)

    def _read(self, name: str, written: schema.MetricFile) -> CustomMetric | None:
        loc: Loc = ("metrics", name)
        say, span = self.reader.names.say, self.reader.span_of(loc, key=True)
        kinds = [kind for kind in KINDS if getattr(written, kind) is not None]
        if len(kinds) != 1:
            what = f"metric {name} needs one of {', '.join(KINDS)}"
            say(
                "R110",
                what if not kinds else f"metric {name} has {' and '.join(kinds)}",
                span,
                "write one of them",
            )
            return None
        unit = written.unit
        if unit is not None and unit not in NUMERIC:
            say(
                "R107",
                f"unknown unit '{unit}'",
                self.reader.span_of((*loc, "unit")),
                did_you_mean(unit, NUMERIC),
            )
            return None
        if kinds[0] == "formula":
            return self._formula(name, written, unit)
        return self._aggregate(name, written, kinds[0], unit)

    def _formula(self, name: str, written: schema.MetricFile, unit: str | None) -> CustomMetric | None:
        loc: Loc = ("metrics", name, "formula")
        reader = self.reader
        extra = [key for key in ("where", "of", "window") if getattr(written, key) is not None]
        if extra:
            span = reader.span_of(("metrics", name, extra[0]), key=True)
            reader.names.say("R110", f"a formula has no '{extra[0]}'", span, "its metrics have their own")
            return None
        value = reader.value(written.formula or "", loc, RuleScope(reader.names))
        if value is None:
            return None
        if value.unit not in NUMERIC or value.fixed:
            reader.names.say("R106", "a formula gives a number made of metrics", reader.span_of(loc))
            return None
        span = reader.span_of(("metrics", name), key=True)
        return CustomMetric(name, "formula", expression=value.operand, unit=unit or value.unit, span=span)

    def _aggregate(
        self, name: str, written: schema.MetricFile, kind: str, unit: str | None
    ) -> CustomMetric | None:
        loc: Loc = ("metrics", name)
        source, _, column = getattr(written, kind).partition(".")
        known = self._source(source, (*loc, kind))
        if known is None or not self._column(source, column, kind, known, (*loc, kind)):
            return None
        before = len(self.reader.names.problems)
        scope = ColumnScope(self.reader.names, source, known)
        where = self.reader.condition(written.where, (*loc, "where"), scope)
        of = self.reader.condition(written.of, (*loc, "of"), scope)
        self._plain(where, (*loc, "where"))
        self._plain(of, (*loc, "of"))
        if of is not None and kind != "share_of":
            self.reader.names.say("R110", f"{kind} has no 'of'", self.reader.span_of((*loc, "of"), key=True))
        if kind == "share_of" and written.where is None:
            what = "share_of needs 'where': which rows are counted"
            self.reader.names.say("R110", what, self.reader.span_of(loc, key=True))
        window = self._window(name, written.window, kind)
        if len(self.reader.names.problems) > before:
            return None
        return CustomMetric(
            name,
            kind,  # type: ignore[arg-type]
            source,
            column or None,
            where,
            of,
            window,
            unit=unit or _UNIT.get(kind, "number"),
            span=self.reader.span_of(loc, key=True),
        )

    def _source(self, source: str, loc: Loc) -> dict[str, str] | None:
        names = self.reader.names
        told = {name for name, each in SOURCES.items() if each.in_rules and not each.kept}
        readable = sorted(told - WHO_IS_WHO)
        if source in SOURCES and source not in told:
            why = "what rules are judged by" if source == "outcomes" else "no news of what happened"
            what = f"rules cannot read {source}: they are {why}"
            names.say("R104", what, self.reader.span_of(loc), f"sources: {', '.join(readable)}")
            return None
        if source not in readable:
            hint = did_you_mean(source, readable) or f"sources: {', '.join(readable)}"
            names.say("R104", f"no source is called '{source}'", self.reader.span_of(loc), hint)
            return None
        if names.sources is not None and source not in names.sources and f"source {source}" not in names.told:
            names.told.add(f"source {source}")
            what = f"this workspace has no source '{source}'"
            names.say("R202", what, self.reader.span_of(loc), None, warning=True)
        return source_columns(source, self.columns.get(source, {}))

    def _column(self, source: str, column: str, kind: str, known: Mapping[str, str], loc: Loc) -> bool:
        say, span = self.reader.names.say, self.reader.span_of(loc)
        if kind in _WHOLE_ROWS:
            if column:
                say("R110", f"{kind} reads whole rows, not a column", span, f"write {kind}: {source}")
            return not column
        if column not in known:
            hint = did_you_mean(column, known) or f"write {kind}: {source}.<column>: {', '.join(known)}"
            what = f"{source} has no column '{column}'" if column else f"{kind} needs a column"
            say("R104", what, span, hint)
            return False
        if source == "usage" and column in NOT_KEPT - COUNTS_PEOPLE:
            readable = ", ".join(name for name in known if name not in NOT_KEPT - COUNTS_PEOPLE)
            say("R104", f"usage is not kept by {column}", span, f"columns: {readable}")
            return False
        if kind != "distinct" and known[column] not in ("number", "integer"):
            say("R106", f"{source}.{column} is {known[column]}, {kind} needs numbers", span)
            return False
        return True

    def _plain(self, condition: Condition | None, loc: Loc) -> None:
        """Row conditions cannot read thresholds that differ by account."""
        if condition is None:
            return
        for operand in operands_of(condition):
            if isinstance(operand, Limit):
                threshold = self.reader.names.thresholds.get(operand.name)
                if threshold is not None and threshold.by is not None:
                    what = f"${operand.name} differs by {threshold.by} and cannot pick rows"
                    self.reader.names.say("R106", what, operand.span)

    def _window(self, name: str, written: int | str | None, kind: str) -> int | None:
        loc: Loc = ("metrics", name)
        say = self.reader.names.say
        suffix = _SUFFIX.fullmatch(name)
        if written is None:
            if suffix is None and kind not in _NO_WINDOW:
                say(
                    "R110",
                    f"metric {name} needs a window",
                    self.reader.span_of(loc, key=True),
                    "write window: 28d",
                )
            return int(suffix[1]) if suffix else None
        days = window_days(written)
        if isinstance(days, tuple):
            say("R107", days[0], self.reader.span_of((*loc, "window")), days[1])
            return None
        if suffix and int(suffix[1]) != days:
            what = f"the name says {suffix[1]} days, the window {days}"
            say(
                "R107",
                what,
                self.reader.span_of((*loc, "window")),
                f"name it {name[: suffix.start(1)]}{days}d",
            )
        return days
