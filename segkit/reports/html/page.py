"""The page from what was decided: values here, words and marks in the templates."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from segkit.reports.definitions import NO_MORE
from segkit.reports.first.calls import pressing
from segkit.reports.first.expected import NORMAL, SEASONAL, UNUSUAL, groups
from segkit.reports.first.health import reasons
from segkit.reports.first.layout import arr_heading, with_currency
from segkit.reports.first.reasons import telling
from segkit.reports.first.screen import Screen
from segkit.reports.html import charts, movers, moves, said, tasks
from segkit.reports.pseudonymous import Answers
from segkit.reports.words import LONGEST, clean, day, listed, number, plural, share, shorten
from segkit.ruleset.model import RuleSet

if TYPE_CHECKING:
    from jinja2 import Environment

    from segkit.reports.explained.explanation import Explanation

NAMES = 12
"""How many names a list holds."""
REMARKS, GROUPS, LINES = 40, 15, 20
TEMPLATES = "templates"


def page(rules: RuleSet, answers: Answers, screen: Screen, sizes: pl.DataFrame) -> str:
    """The same facts and rules give the same text; `sizes` as `sizes.sizes` has them."""
    return render(_values(rules, answers, screen, sizes))


def story_page(told: Explanation) -> str:
    """What `segkit explain` shows of one account, as a page to send on."""
    from segkit.reports.explained.story import lay_out_story

    story = told.story
    values = {"name": told.name, "unit": story.unit, "as_of": story.as_of, "lines": lay_out_story(told)}
    return render(values, "story.html")


def render(values: dict[str, Any], template: str = "report.html", also: str | None = None) -> str:
    """`also`: a style of this page alone."""
    # Only who writes a page waits for it.
    from markupsafe import Markup

    templates = environment()
    assert templates.loader is not None
    sheets = ["report.css", *([also] if also else [])]
    style = "".join(templates.loader.get_source(templates, sheet)[0] for sheet in sheets)
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    found = templates.get_template(template)
    return found.render(style=Markup(style), style_hash=Markup(allowed), **values)


@cache
def environment() -> Environment:
    """The templates, read once a process and compiled once an installation."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    from segkit.reports.html.compiled import Beside

    def shown(value: object) -> object:
        return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    here = Path(__file__)
    made = Environment(
        bytecode_cache=Beside(here.parent / TEMPLATES, here),
        loader=PackageLoader("segkit.reports.html", TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "day": day,
        "number": number,
        "plural": plural,
        "reasons": reasons,
        "share": share,
        "short": lambda text: shorten(clean(text), LONGEST),
        "telling": telling,
    }
    made.globals |= {
        "listed": _names,
        "with_currency": with_currency,
        "bar": charts.bar,
        "shade": moves.shade,
    }
    return made


def _names(names: tuple[str, ...]) -> str:
    return listed([shorten(clean(name), LONGEST) for name in names], NAMES)


def _values(rules: RuleSet, answers: Answers, screen: Screen, sizes: pl.DataFrame) -> dict[str, Any]:
    moved = moves.of_main(answers.transitions, screen.since)
    now = {size.name: size.accounts for size in screen.sizes}
    order = list(now)
    known = groups(answers.decisions, (UNUSUAL, SEASONAL, NORMAL))
    return {
        "screen": screen,
        "arr": arr_heading(screen),
        "lines": LINES,
        "remarks": REMARKS,
        "unusual": [group for group in screen.groups if group.verdict == UNUSUAL],
        "pressing": pressing(rules),
        "over": charts.over_time(sizes, order, pressing(rules)),
        "tasks": tasks.first(answers.worklist, screen.as_of) if screen.todo else (),
        "matrix": moves.matrix(moved, order),
        "falls": moves.falls(answers.transitions, screen.since, now, order),
        "movers": movers.movers(answers.decisions.drawn, answers.assignments, moved),
        "moves": moves.listed(moved),
        "moved": moved.height,
        "groups": [
            (group, charts.change(group.change, group.last_years) if group.relative else None)
            for group in known[:GROUPS]
        ],
        "more_groups": max(len(known) - GROUPS, 0),
        "crosses": [_cross(rules, answers.assignments, d.name, order) for d in rules.dimensions[1:]],
        "traits": said.traits(answers.traits, order),
        "most_traits": said.TRAITS,
        "rules": rules,
        "definitions": answers.definitions,
        "no_more": NO_MORE,
    }


def _cross(rules: RuleSet, assignments: pl.DataFrame, name: str, order: list[str]) -> dict[str, Any]:
    """How many accounts of each segment are where in another dimension."""
    counts = {(a, b): n for a, b, n in assignments.group_by("primary", name).len().iter_rows()}
    (dimension,) = (d for d in rules.dimensions if d.name == name)
    labels = list(dict.fromkeys([*(s.name for s in dimension.segments), dimension.otherwise, "unknown"]))
    seen = [label for label in labels if any(b == label for _, b in counts)]
    rows = [(a, [counts.get((a, b), 0) for b in seen]) for a in order if any(a == c for c, _ in counts)]
    return {"name": name, "to": seen, "rows": rows}
