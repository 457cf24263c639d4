"""The expression language: what it means, what it tolerates, and that every text gets an answer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from segkit.ruleset import format_condition, published_grammar
from segkit.ruleset.parse import Fault, parse
from tests.ruleset.load import condition


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("logins_7d under 3", "logins_7d < 3"),
        ("logins_7d at most 3", "logins_7d <= 3"),
        ("logins_7d at most 3", "logins_7d ≤ 3"),
        ("logins_7d over 3", "logins_7d > 3"),
        ("logins_7d at least 3", "logins_7d >= 3"),
        ("logins_7d at least 3", "logins_7d ≥ 3"),
        ("logins_7d at least 3", "logins_7d  AT  LEAST\u00a03"),
        ("logins_7d is 3", "logins_7d = 3"),
        ("logins_7d is 3", "logins_7d == 3"),
        ("logins_7d is not 3", "logins_7d != 3"),
        ("logins_7d is not 3", "logins_7d ≠ 3"),
        ("small and notice_given", "small && notice_given"),
        ("small or notice_given", "small OR notice_given"),
        ("small or notice_given", "small || notice_given"),
        ('industry is "Retail"', "industry is “Retail”"),
        ('industry is "Retail"', "industry is ‘Retail’"),
        ('industry is "Retail"', "industry is 'Retail'"),
        ('plan not in ["Pro", "Team"]', 'plan is not in ["Pro", "Team",]'),
        ('not plan in ["Pro"]', 'plan not in ["Pro"]'),
        ("not nps_latest is missing", "nps_latest is not missing"),
        ("90 <= tenure_days and tenure_days < 365", "90 <= tenure_days < 365"),
        ("365 > tenure_days and tenure_days >= 90", "365 > tenure_days >= 90"),
        ("events_28d.change at most -30%", "events_28d.change at most −30%"),
        ("small or notice_given and renewal_due", "small or (notice_given and renewal_due)"),
        ("not small and notice_given", "(not small) and notice_given"),
        ("not arr under 5", "not (arr under 5)"),
        ("arr + seats * 2 over 5", "arr + (seats * 2) over 5"),
        ("arr - 2 - 1 over 5", "(arr - 2) - 1 over 5"),
        ("-arr + 3 under 0", "(-arr) + 3 under 0"),
        (
            "at least 2 of (small, notice_given, renewal_due)",
            "AT LEAST 2 OF (small, notice_given, renewal_due)",
        ),
        ("member(renewal_due)", "renewal_due"),
        ('days_to_feature("api") under 30', "days_to_feature(api) under 30"),
    ],
)
def test_two_ways_to_write_mean_the_same(written: str, same: str) -> None:
    kinds = {"seats": "number"}
    assert format_condition(condition(written, attributes=kinds)) == format_condition(
        condition(same, attributes=kinds)
    )


@pytest.mark.parametrize(
    ("text", "start", "end", "what", "hint"),
    [
        ("", 0, 1, "empty", "tenure_days"),
        ("a <", 2, 3, "ends too early", None),
        ("a < 3 and", 6, 9, "ends too early", None),
        ("a =< 3", 2, 4, "unknown sign '=<'", "'<='"),
        ("a => 3", 2, 4, "unknown sign '=>'", "'>='"),
        ("a & b", 2, 3, "unknown sign '&'", "'and'"),
        ("a ! b", 2, 3, "unknown sign '!'", "'not'"),
        ("logins less than 3", 7, 11, "unknown word 'less'", "'under'"),
        ("logins more than 3", 7, 11, "unknown word 'more'", "'over'"),
        ("logins at_least 3", 7, 15, "unknown word 'at_least'", "'at least'"),
        ("arr over 10,000", 11, 12, "unexpected ','", "10000"),
        ("(a or b", 6, 7, "before a bracket is closed", "quote"),
        ("a or b)", 6, 7, "a bracket has no partner", "quote"),
        ('a is "b', 5, 7, "quoted text does not end", "quote"),
        ("a and and b", 6, 9, "unexpected 'and'", "a metric"),
        ("a.b.c < 3", 3, 5, "unexpected '.c'", None),
        ("10k < a", 0, 3, "cannot read '10k'", None),
        ("$ < a", 0, 1, "'$' stands before the name", "$big_drop"),
        ("a # b", 2, 3, "cannot read '#'", None),
    ],
)
def test_a_fault_points_at_the_piece_that_is_wrong(
    text: str, start: int, end: int, what: str, hint: str | None
) -> None:
    fault = parse(text)
    assert isinstance(fault, Fault)
    assert (fault.start, fault.end) == (start, end)
    assert what in fault.what
    assert hint is None or (fault.hint is not None and hint in fault.hint)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 60 + "a" + ")" * 60,
        "not " * 60 + "a",
        "+".join("a" * 60) + "< 3",
        "-" * 60 + "a < 3",
        "a or " * 2000 + "a",
    ],
)
def test_length_and_depth_are_limited(text: str) -> None:
    fault = parse(text)
    assert isinstance(fault, Fault)
    assert fault.hint == "split it into named conditions"


def test_a_long_flat_condition_is_not_deep() -> None:
    assert not isinstance(parse(" and ".join(["a < 3"] * 400)), Fault)


LINES = """
a b_28d.change under at most least is not in [ ] ( ) and or 3 30% 28d 2 weeks between missing , . $x + - * /
< <= = != ≥ " ' “ true of member( 2026-11-15 2026-99-99 é ! | & x(y) .v \\ 1e3 at_most 😀
"""
WORDS = (*LINES.split(), "\u00a0")


def test_twenty_thousand_texts_get_syntax_or_a_placed_fault() -> None:
    chance = random.Random(1)
    for _ in range(20_000):
        glue = chance.choice(["", " "])
        text = glue.join(chance.choices(WORDS, k=chance.randint(1, 12)))
        found = parse(text)
        assert 0 <= found.start < found.end <= max(1, len(text))


def test_the_published_grammar_is_the_one_that_reads() -> None:
    published = Path(__file__).parents[2] / "docs" / "grammar.ebnf"
    assert published.read_text(encoding="utf-8") == published_grammar()
