"""The parts of a health score: the metric, its weight and the two ends in the unit of the metric."""

from __future__ import annotations

import pytest

from segkit.periods import Calendar
from segkit.ruleset.health import health_parts
from segkit.yamltext import read_text


@pytest.mark.parametrize(
    ("key", "worst", "best", "told"),
    [
        ("events_28d.change", "-50%", "20%", (-0.5, 0.2)),
        ("core_adoption_28d", 0.1, "80%", (0.1, 0.8)),
        ("days_since_touchpoint", "6 weeks", 7, (42.0, 7.0)),
        ("open_tickets", 9, 0, (9.0, 0.0)),
        ("events_28d chng", 1, 2, "4:3+15 R101 unexpected 'chng'"),
        ("evnts_28d", 1, 2, "4:3+9 R104 unknown metric, attribute or condition 'evnts_28d'"),
        ("seats", 1, 2, "4:3+5 R106 'seats' is no metric that can be scored"),
        ("events_28d + 1", 1, 2, "4:3+14 R106 'events_28d + 1' is no metric that can be scored"),
        ("notice_given", 1, 2, "4:3+12 R106 'notice_given' is no metric that can be scored"),
        ("health_score", 1, 2, "4:3+12 R106 'health_score' is no metric that can be scored"),
        (
            "health_score.previous",
            1,
            2,
            "4:3+21 R106 'health_score.previous' is no metric that can be scored",
        ),
        ("events_28d", 2, 2.0, "4:3+10 R106 worst and best of events_28d are the same"),
        ("events_28d", "arr", 2, "4:34+3 R106 'arr' is no fixed number"),
        ("events_28d", 2, "arr", "4:43+3 R106 'arr' is no fixed number"),
        ("events_28d", 2, "arr +", "4:47+1 R101 the expression ends too early"),
        ("events_28d", "30%", 2, "4:34+3 R112 30% is a percentage, events_28d is a count"),
    ],
)
def test_a_part_is_read_or_told_at_its_place(
    key: str, worst: float | str, best: float | str, told: tuple[float, float] | str
) -> None:
    text = f"version: 1\nname: x\nparts:\n  {key}: {{weight: 2, worst: {worst}, best: {best}}}\n"
    doc = read_text(text, "s.yaml")
    parts, problems = health_parts(doc, ("parts",), {key: (2.0, worst, best)}, Calendar())
    if isinstance(told, tuple):
        assert problems == []
        assert (parts[key].weight, parts[key].worst, parts[key].best) == (2.0, *told)
        assert (parts[key].metric.span.line, parts[key].metric.span.column) == (4, 3)
        return
    assert parts == {}
    [problem] = problems
    assert problem.where is not None
    assert f"{problem.where.line}:{problem.where.column}+{problem.where.width} {problem.code} " in told
    assert told.endswith(problem.what[: len(told.split(" ", 2)[2])])
