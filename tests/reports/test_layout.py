"""The first screen, line by line, from a screen made by hand."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from segkit.facts.types import SourceCount
from segkit.reports.first.calls import Call
from segkit.reports.first.health import Health
from segkit.reports.first.held import Held
from segkit.reports.first.layout import WIDTH, lay_out, plain
from segkit.reports.first.screen import Screen, Size
from segkit.reports.first.summary import summary
from segkit.reports.words import cells

SCREEN = Screen(
    workspace="Example SaaS",
    unit="week",
    as_of=date(2026, 11, 15),
    since=date(2026, 11, 8),
    accounts=3,
    health=Health(
        (
            SourceCount("usage", 1, 1200, 1200, 0),
            SourceCount("tickets", 1, 40, 38, 2, reasons={"D203": 1, "D202": 1}),
        ),
        ("tickets: 40 rows = 38 accepted + 2 refused (same key twice 1, not in the declared format 1)",),
        "usage is covered to 17 Nov 2026 (last event − 2 quiet days)",
    ),
    currency="EUR",
    sizes=(
        Size("at_risk", 2, 48000.0, 2, 1),
        Size("active", 1, 0.0, 0, 2),
        Size("detractor", 0, 0.0, 0, 0, "no surveys"),
    ),
    flags=(Size("renewal_due", 1, None, 1, 0),),
    by_rules=1,
    calls=(
        Call(
            "A1",
            "Northwind Traders",
            "at_risk",
            "active",
            1,
            48000.0,
            "Anna",
            "events_28d.previous 90 (at least 20); events_28d.change -42% (at most -30%); "
            "events_28d.change -42% (at most -40%)",
            "Look at the timeline",
            moved=True,
        ),
        Call("A2", "東京商事\x1b[31m", "at_risk", None, 6, None, None, "logins_28d 1 (under 2)", ""),
    ),
    to_call=2,
    held=(Held("at_risk", True, ("Contoso",), "not yet for 2 weeks in a row"),),
    supports=(
        "120 weeks of history, from 29 Jul 2024: enough for comparisons with an account's own last year.",
    ),
    moved=2,
)


def test_the_screen_answers_in_order_at_80_columns() -> None:
    expected = """\
Example SaaS                                    week to 15 Nov 2026 · 3 accounts
────────────────────────────────────────────────────────────────────────────────
Data                                                          1 thing to look at
  2 sources, 1,240 rows read = 1,238 accepted + 2 refused
  As of 15 Nov 2026: usage is covered to 17 Nov 2026 (last event − 2 quiet
    days)
  ! tickets: 40 rows = 38 accepted + 2 refused (same key twice 1, not in the
    declared format 1)

Segments                    accounts           ARR EUR          since 8 Nov 2026
  at_risk                          2            48,000                     +2 −1
  active                           1                 0                        −2
  detractor                     off: no surveys
  all                              3            48,000          2 moved (66.7 %)
  1 move because the rules changed, not the accounts
  flags: renewal_due 1 (+1)

Call first
  1 Northwind Traders                  at_risk this week, was active  48,000 EUR
    events_28d.change -42% (at most -40%); events_28d.previous 90 (at least 20)
    → Look at the timeline (Anna)
  2 東京商事[31m                       at_risk for 6 weeks
    logins_28d 1 (under 2)

Not alarmed
  1 account meets the conditions of at_risk, not yet for 2 weeks in a row:
    Contoso

What your data support
  120 weeks of history, from 29 Jul 2024: enough for comparisons with an
    account's own last year.

Nothing was written.
"""
    assert plain(lay_out(SCREEN)) == expected


def test_no_line_is_wider_than_80_cells() -> None:
    long = replace(
        SCREEN,
        workspace="W" * 200,
        held=(Held("at_risk", True, ("N" * 100,) * 50, "needed for 2 weeks in a row"),),
        results="/very/long" * 30,
        calls=tuple(replace(call, name="é" * 90, because="x" * 300) for call in SCREEN.calls),
    )
    assert max(cells(line) for line in plain(lay_out(long)).splitlines()) <= WIDTH


def test_customer_text_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in plain(lay_out(SCREEN))


def test_fine_data_say_so_in_one_word() -> None:
    fine = replace(SCREEN, health=replace(SCREEN.health, remarks=()))
    assert plain(lay_out(fine)).splitlines()[2].split() == ["Data", "fine"]


def test_nobody_to_call_and_nothing_held_are_said() -> None:
    text = plain(lay_out(replace(SCREEN, calls=(), to_call=0, held=())))
    assert "Nobody" in text
    assert "Nothing was held back." in text


def test_the_summary_says_the_same_in_markdown() -> None:
    text = summary(SCREEN)
    assert "3 accounts, 2 moved (66.7 %) since 8 Nov 2026." in text
    assert "| at_risk | 2 | 48,000 | 2 | 1 |" in text
    assert "| detractor | off: no surveys |  |  |  |" in text
    assert "1. **Northwind Traders**, at_risk this week, was active, 48,000 EUR: events_28d.change" in text
    assert "\n2. **東京商事" in text
    assert "\x1b" not in text


def test_a_list_of_names_in_the_summary_ends_after_ten() -> None:
    names = tuple(f"Name{n}" for n in range(14))
    text = summary(replace(SCREEN, held=(replace(SCREEN.held[0], names=names),)))
    assert "Name9 and 4 more" in text
    assert "Name10" not in text


def test_without_arr_there_is_no_column_for_it() -> None:
    without = replace(SCREEN, currency=None)
    shown = plain(lay_out(without)) + summary(without)
    assert "ARR" not in shown
    assert "48,000" not in shown
    assert "| at_risk | 2 | 2 | 1 |" in shown


def test_arr_in_two_currencies_is_not_summed_and_that_is_said() -> None:
    shown = plain(lay_out(replace(SCREEN, currency=None, currencies=("EUR", "USD"))))
    assert "ARR is billed in EUR, USD: not summed" in shown


def test_a_week_without_moves_says_so() -> None:
    assert "nobody moved" in plain(lay_out(replace(SCREEN, moved=0)))


def test_a_flag_and_its_count_stay_on_one_line() -> None:
    flags = tuple(Size(f"a_flag_with_a_name_{n}", 10 + n, None, 3, 1) for n in range(6))
    shown = plain(lay_out(replace(SCREEN, flags=flags)))
    assert all(f"a_flag_with_a_name_{n} {10 + n} (+3 −1)" in shown for n in range(6))
