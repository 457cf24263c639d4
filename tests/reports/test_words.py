"""Widths, amounts and days for people."""

from __future__ import annotations

from datetime import date

import pytest

from segkit.reports.words import (
    KEEP,
    cells,
    clean,
    cut,
    day,
    days_in_words,
    fit,
    fit_right,
    listed,
    number,
    plural,
    share,
    shorten,
    wrap,
)


def test_control_and_direction_characters_never_come_through() -> None:
    assert clean("a\x1b[31m\u202eb\u200b\nc\x9b") == "a[31mb c"


def test_wide_and_combining_characters_are_measured_in_cells() -> None:
    assert [cells(text) for text in ("abc", "東京", "e\u0301")] == [3, 4, 1]


@pytest.mark.parametrize(("text", "width"), [("東京東京東京", 5), ("a" * 50, 20), ("short", 20), ("", 3)])
def test_fitted_text_has_exactly_the_width_asked_for(text: str, width: int) -> None:
    assert cells(fit(text, width)) == width
    assert cells(fit_right(text, width)) == width


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert shorten("events fell by half", 12) == "events fell…"


def test_running_text_is_cut_behind_a_word() -> None:
    assert cut("events fell by half", 13) == "events fell …"
    assert cut("events fell", 13) == "events fell"
    assert cut("incomprehensibilities", 10) == "incompreh…"


def test_wrapping_breaks_at_spaces() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("", 8) == []


def test_a_space_to_keep_is_none_to_break_at() -> None:
    assert wrap(f"one two{KEEP}three", 10) == ["one", "two three"]


def test_dates_in_sentences_are_said_as_everywhere_and_file_names_stay() -> None:
    assert days_in_words("covered to 2026-11-17 (last event 2026-11-15 + 2)") == (
        "covered to 17 Nov 2026 (last event 15 Nov 2026 + 2)"
    )
    assert days_in_words("accounts_2026-11-15.csv, 2026-13-45") == "accounts_2026-11-15.csv, 2026-13-45"


def test_numbers_and_days_read_the_same_in_every_locale() -> None:
    assert number(1234567.4) == "1,234,567"
    assert day(date(2026, 3, 1)) == "1 Mar 2026"
    assert plural(1, "account") == "1 account"
    assert plural(1200, "account") == "1,200 accounts"


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert [share(x) for x in (1.0, 0.99999, 0.5, 0.0)] == ["100 %", "99.9 %", "50.0 %", "0.0 %"]


def test_long_lists_say_how_many_more() -> None:
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"
    assert listed(["a", "b"], 2) == "a, b"


def test_what_has_no_room_leaves_nothing_and_what_fits_stays_whole() -> None:
    assert cut("", 0) == ""
    assert cut("abc", 0) == ""
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"
    assert shorten("one two", 7) == "one two"
    assert shorten("one two", 6) == "one t…"
