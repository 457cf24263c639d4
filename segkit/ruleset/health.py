"""The declared parts of the health score."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from segkit.errors import Problem
from segkit.periods import Calendar
from segkit.ruleset.definitions import EVERYTHING
from segkit.ruleset.expr import Metric, Number
from segkit.ruleset.model import HealthPart
from segkit.ruleset.scope import Names, RuleScope, account_attributes
from segkit.ruleset.typed import NUMERIC, Clash, Typed, fit
from segkit.ruleset.written import Reader
from segkit.yamltext import Loc, YamlDoc

Written = tuple[float, int | float | str, int | float | str]
"""weight, worst, best."""


def health_parts(
    doc: YamlDoc, loc: Loc, written: Mapping[str, Written], calendar: Calendar
) -> tuple[dict[str, HealthPart], list[Problem]]:
    """The parts by metric as written, and what is wrong with them. The mapping stands at `loc` in `doc`."""
    # Whether the metrics of the parts are defined is said where rules use the score.
    names = Names(calendar, EVERYTHING, account_attributes({}), None, doc.path)
    reader = Reader(doc, names)
    names.place = reader.place
    found = {key: _part(reader, (*loc, key), key, part) for key, part in written.items()}
    return {key: part for key, part in found.items() if part is not None}, names.problems


def _part(reader: Reader, loc: Loc, key: str, written: Written) -> HealthPart | None:
    names, span = reader.names, reader.span_of(loc, key=True)
    metric = reader.key(key, loc, RuleScope(names))
    if metric is None:
        return None
    if (
        not isinstance(metric.operand, Metric)
        or metric.unit not in NUMERIC
        or metric.operand.name == "health_score"
    ):
        names.say(
            "R106", f"'{key}' is no metric that can be scored", span, "write for example events_28d.change"
        )
        return None
    weight, worst, best = written
    ends = [_end(reader, (*loc, word), end, metric) for word, end in (("worst", worst), ("best", best))]
    if ends[0] is None or ends[1] is None:
        return None
    if ends[0] == ends[1]:
        names.say("R106", f"worst and best of {key} are the same", span)
        return None
    return HealthPart(replace(metric.operand, span=span), weight, ends[0], ends[1])


def _end(reader: Reader, loc: Loc, written: int | float | str, metric: Typed) -> float | None:
    value = reader.value(str(written), loc, RuleScope(reader.names))
    if value is None:
        return None
    if not isinstance(value.operand, Number):
        reader.names.say(
            "R106", f"'{written}' is no fixed number", reader.span_of(loc), "write for example 5 or -30%"
        )
        return None
    fitted = fit(value, metric, reader.names.calendar)
    if isinstance(fitted, Clash):
        reader.names.say(fitted.code, fitted.what, reader.span_of(loc), fitted.hint)
        return None
    return fitted.operand.value if isinstance(fitted.operand, Number) else None
