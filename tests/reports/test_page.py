"""report.html from values made by hand: nothing in it but its own marks, whatever accounts are called."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache
from html.parser import HTMLParser

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace

from segkit.engine.baselines import Block, Columns
from segkit.engine.baselines.standing import GROUPS, Drawn
from segkit.engine.results import Decisions, State
from segkit.facts.types import SourceCount
from segkit.reports import Answers, Screen, page
from segkit.reports.definitions import definitions
from segkit.reports.first.calls import Call
from segkit.reports.first.health import Health
from segkit.reports.first.held import Held
from segkit.reports.first.screen import Size
from segkit.reports.overridden import Overridden
from segkit.reports.paused import Paused
from segkit.reports.sizes import SIZES
from segkit.reports.voices import TRAITS
from segkit.ruleset.expr import Attribute, Compare, Text
from segkit.ruleset.model import RuleSet
from tests.ruleset.load import HEAD, rules

AS_OF = date(2026, 11, 15)
SEGMENTS = [f"segment_{n:02}" for n in range(20)]
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{% include 'x' %}",
    "javascript:alert(1)",
    "</style></title></svg><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "&lt;b&gt;",
    "\u202eevil\x1b[31m\nnext",
]


@cache
def twenty() -> RuleSet:
    """As many segments, each with a playbook."""
    segments = "".join(
        f"  - {{name: {name}, enter: arr under {n + 1}, playbook: call}}\n" for n, name in enumerate(SEGMENTS)
    )
    return rules(
        f"{HEAD}segments:\n{segments}"
        "conditions: {big: industry is 'Retail'}\n"
        "dimensions:\n  value:\n    - {name: large, enter: arr over 5}\n"
        "playbooks:\n  call: {due: 2 days}\n",
        attributes={"industry": "text"},
    )


def ruleset(said: str) -> RuleSet:
    """`said` stands wherever a rule file has words of its own."""
    found = twenty()
    play = replace(found.playbooks["call"], goal=said, steps=(said, said))
    main = replace(found.main, segments=tuple(replace(s, means=said) for s in found.main.segments))
    named = {"big": Compare(Attribute("industry", "text"), "=", Text(said))}
    dimensions = (main, *found.dimensions[1:])
    return replace(found, dimensions=dimensions, playbooks={"call": play}, conditions=named)


def answers(found: RuleSet, *texts: str) -> Answers:
    """Sixty accounts that all moved, and as many groups, called by the texts in turn."""
    count = 60
    name = [f"{texts[n % len(texts)]} {n}" for n in range(count)]
    groups = pl.DataFrame(
        {
            "as_of": [AS_OF] * count,
            "metric": ["events_28d"] * count,
            "level": ["industry"] * count,
            "group": name,
            "accounts": range(count),
            "unit": ["share"] * count,
            "change": [-0.4] * count,
            "last_years": [None if n % 2 else -0.3 for n in range(count)],
            "verdict": ["unusual" if n % 3 else "seasonal" for n in range(count)],
        },
        schema=GROUPS,
    )
    moves = pl.DataFrame(
        {
            "account_id": name,
            "name": name,
            "as_of": [AS_OF] * count,
            "dimension": ["segments"] * count,
            "from": [None if n % 5 == 0 else SEGMENTS[n % 20] for n in range(count)],
            "to": [SEGMENTS[(n + 1) % 20] for n in range(count)],
            "cause": ["behaviour"] * count,
            "because": [f"industry {said} (is {said}); arr 3 (under 4)" for said in name],
            "arr": [float(n) for n in range(count)],
        }
    )
    assigned = pl.DataFrame(
        {
            "account_id": name,
            "name": name,
            "primary": [SEGMENTS[n % 20] for n in range(count)],
            "value": ["large", "none"] * (count // 2),
            "arr": [float(n) for n in range(count)],
        }
    )
    said = pl.DataFrame(
        [(f"{trait} {name[0]}", f"{name[n]}", SEGMENTS[0], 1, 1.0) for trait in range(9) for n in range(12)],
        schema=TRAITS,
        orient="row",
    )
    empty = pl.DataFrame()
    decisions = Decisions(
        accounts=tuple(name),
        as_of=(AS_OF,),
        dimensions={},
        member={},
        on_roster=np.ones((count, 1), dtype=np.bool_),
        assignments=empty,
        transitions=empty,
        state=State(AS_OF, "", empty, empty),
        off={},
        groups=groups,
        drawn=drawn(tuple(name)),
    )
    return Answers(assigned, moves, empty, decisions, definitions(found), said)


def drawn(accounts: tuple[str, ...]) -> Drawn:
    """Of every other account half a year that ends far below or far above what was expected."""
    shape = (26, len(accounts))
    values = np.add.outer(np.arange(26.0), np.arange(len(accounts)))
    away = np.where(np.arange(len(accounts)) % 2, -0.5, 0.5)
    z_score = np.where(np.arange(len(accounts)) % 3, away * 8, np.nan)
    shown, expected = (Columns((Block(lines, 0, 26),)) for lines in (values, np.full(shape, 30.0)))
    return Drawn("events_28d", True, accounts, away, z_score, shown, expected)


def screen(said: str) -> Screen:
    call = Call("A", said, SEGMENTS[0], SEGMENTS[1], 1, 9.0, said, f"industry {said}", said, moved=True)
    return Screen(
        workspace=said,
        unit="week",
        as_of=AS_OF,
        since=AS_OF - timedelta(weeks=1),
        accounts=60,
        health=Health((SourceCount("usage", 1, 9, 8, 1, reasons={"D203": 1}),), (said,) * 99, said, (said,)),
        currency=said,
        sizes=tuple(Size(name, 3, 1234.0, 1, 2, said if n == 9 else None) for n, name in enumerate(SEGMENTS)),
        flags=(Size("renewal_due", 1, None, 1, 0), Size("late", 0, None, 0, 0, said)),
        by_rules=1,
        calls=(call,) * 5,
        to_call=99,
        held=(Held(SEGMENTS[0], True, (said,) * 99, "not yet for 2 weeks in a row"),),
        supports=(said,),
        moved=60,
        dipped=(said,) * 99,
        alarmed=3,
        paused=(Paused((said,) * 99, AS_OF, said, said, False),) * 99,
        overridden=(Overridden(said, SEGMENTS[0], True, f"by {said}", said, SEGMENTS[1], False),) * 99,
    )


def sizes(weeks: int = 104) -> pl.DataFrame:
    rows = [
        (AS_OF - timedelta(weeks=weeks - 1 - week), name, (week * 37 + at * 101) % 1000)
        for week in range(weeks)
        for at, name in enumerate(SEGMENTS)
    ]
    return pl.DataFrame(rows, schema=SIZES, orient="row")


def report(*texts: str) -> str:
    """Forty of them are told each by itself."""
    found = ruleset(texts[0])
    return page(found, answers(found, *texts), screen(texts[0]), sizes())


class Marks(HTMLParser):
    """Every tag with its attributes, and the text between."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.values: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[" ".join([tag, *(name for name, _ in attrs)])] += 1
        self.values += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def plain() -> Marks:
    return Marks(report("Plain Name"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_whatever_a_name_holds_it_is_text(plain: Marks, attack: str) -> None:
    text = report(attack)
    found = Marks(text)
    assert found.tags == plain.tags
    assert found.values == plain.values
    visible = attack.replace("\u202e", "").replace("\x1b", "").replace("\n", " ")
    assert any(visible in piece for piece in found.texts)
    assert not set("\x1b\u202e") & set(text)


def test_nothing_is_loaded_and_nothing_runs(plain: Marks) -> None:
    assert not {tag.split()[0] for tag in plain.tags} & {"script", "img", "link", "iframe", "object", "form"}
    assert {value[:1] for name, value in plain.values if name in ("href", "src", "action")} == {"#"}
    assert not any(name.startswith("on") or name == "style" for name, _ in plain.values)
    policy = (
        dict(plain.values)["content"] if False else next(v for n, v in plain.values if "default-src" in v)
    )
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_every_place_that_is_pointed_to_is_there_once(plain: Marks) -> None:
    ids = [value for name, value in plain.values if name == "id"]
    assert len(ids) == len(set(ids))
    wanted = [v for name, value in plain.values if name == "aria-labelledby" for v in value.split()]
    wanted += [value[1:] for name, value in plain.values if name == "href"]
    assert set(wanted) <= set(ids)


def test_twenty_segments_and_two_years_of_weeks_are_small() -> None:
    assert len(report("N" * 200).encode()) < 1_000_000


def test_the_same_again_is_the_same() -> None:
    assert report("Acme") == report("Acme")


def test_a_first_week_has_no_chart_and_says_so() -> None:
    found = ruleset("x")
    text = page(found, answers(found, "x"), screen("x"), sizes(weeks=1))
    assert "One week is known so far" in text
    assert "<figure>" not in text
