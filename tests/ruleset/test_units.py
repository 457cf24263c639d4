"""Numbers in the unit of what they stand against, and the kinds of what is calculated."""

from __future__ import annotations

import pytest

from segkit.ruleset.expr import Number, operands
from tests.ruleset.load import condition, problem


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("arr over 3", [(3.0, "money")]),
        ("logins_28d over 3", [(3.0, "count")]),
        ("logins_28d over 3.5", [(3.5, "count")]),
        ("core_adoption_28d over 29%", [(0.29, "share")]),
        ("core_adoption_28d over 0.29", [(0.29, "share")]),
        ("core_adoption_28d over 1", [(1.0, "share")]),
        ("logins_28d.change under -100%", [(-1.0, "share")]),
        ("tenure_days over 2 weeks", [(14.0, "days")]),
        ("tenure_days over 36 hours", [(1.5, "days")]),
        ("tenure_days over 90 minutes", [(0.0625, "days")]),
        ("weeks_since_active over 14 days", [(2.0, "weeks")]),
        ("weeks_since_active over 84 hours", [(0.5, "weeks")]),
        ("median_resolution_hours_28d over 2 days", [(48.0, "hours")]),
        ("median_resolution_hours_28d over 30 minutes", [(0.5, "hours")]),
        ("minutes_28d over 2 hours", [(120.0, "minutes")]),
        ("weeks_in(new) over 3 weeks", [(3.0, "weeks")]),
        ("logins_28d * 2 over 5", [(2.0, None), (5.0, "count")]),
        ("2 * logins_28d over 5", [(2.0, None), (5.0, "count")]),
        ("2 * core_adoption_28d over 5%", [(2.0, None), (0.05, "share")]),
        ("core_adoption_28d * arr over 5", [(5.0, "money")]),
        ("arr * core_adoption_28d over 5", [(5.0, "money")]),
        ("core_adoption_28d * 2 over 5%", [(2.0, None), (0.05, "share")]),
        ("logins_7d / logins_28d over 50%", [(0.5, "share")]),
        ("arr / logins_28d over 5", [(5.0, "number")]),
        ("arr * logins_28d over 5", [(5.0, "number")]),
        ("arr / 2 over 5", [(2.0, None), (5.0, "money")]),
        ("arr / 50% over 5", [(0.5, None), (5.0, "money")]),
        ("2 / arr over 5", [(2.0, None), (5.0, "number")]),
        ("seats * 2 over 5", [(2.0, None), (5.0, "number")]),
        ("arr + 2 over 5", [(2.0, "money"), (5.0, "money")]),
        ("2 + arr over 5", [(2.0, "money"), (5.0, "money")]),
        ("seats + arr over 5", [(5.0, "money")]),
        ("arr + seats over 5", [(5.0, "money")]),
        ("tenure_days + 2 weeks over 5", [(14.0, "days"), (5.0, "days")]),
        ("2 weeks + tenure_days over 5", [(14.0, "days"), (5.0, "days")]),
        ("tenure_days - 1 weeks over 5 weeks", [(7.0, "days"), (35.0, "days")]),
        ("-tenure_days over 5 weeks", [(35.0, "days")]),
        ("signup_date + 3 under 2027-01-01", [(3.0, "days")]),
        ("signup_date - 2 weeks under 2027-01-01", [(14.0, "days")]),
        ("signup_date + 2 days under 2027-01-01", [(2.0, "days")]),
        ("signup_date - 2027-01-01 over 2 weeks", [(14.0, "days")]),
        ("arr in [3, 4]", [(3.0, "money"), (4.0, "money")]),
        ("tenure_days between 1 weeks and 90", [(7.0, "days"), (90.0, "days")]),
        ("3 under arr", [(3.0, "money")]),
        ("2 weeks under tenure_days under 4 weeks", [(14.0, "days"), (28.0, "days")]),
        ("arr.z_score over 2", [(2.0, "number")]),
    ],
)
def test_a_number_takes_the_unit_of_what_it_stands_against(
    text: str, numbers: list[tuple[float, str | None]]
) -> None:
    found = [(each.value, each.unit) for each in operands(condition(text)) if isinstance(each, Number)]
    assert found == numbers


@pytest.mark.parametrize(
    ("text", "what", "instead"),
    [
        ("core_adoption_28d under 80", "core_adoption_28d is a share, from 0 to 1; 80 lies outside", "80%"),
        (
            "core_adoption_28d under 100",
            "core_adoption_28d is a share, from 0 to 1; 100 lies outside",
            "100%",
        ),
        ("core_adoption_28d under 101", "core_adoption_28d is a share, from 0 to 1; 101 lies outside", None),
        ("core_adoption_28d under -1", "core_adoption_28d is a share, from 0 to 1; -1 lies outside", None),
        (
            "core_adoption_28d under 101%",
            "core_adoption_28d is a share, from 0 to 1; 101% lies outside",
            None,
        ),
        ("logins_28d.change under -2", "logins_28d.change is a share, at least -1; -2 lies outside", "-2%"),
        (
            "logins_28d.change under -101",
            "logins_28d.change is a share, at least -1; -101 lies outside",
            None,
        ),
        ("arr.z_score over 20%", "20% is a percentage, arr.z_score is a number", None),
        ("seats - signup_date over 3", "signup_date is a date; only numbers can be calculated with", None),
        ("arr * 3 days over 3", "3 days is a time; multiply and divide by plain numbers", None),
        ("arr + 50% over 3", "50% is a percentage, arr is an amount of money", None),
        ("50% + arr over 3", "50% is a percentage, arr is an amount of money", None),
    ],
)
def test_what_lies_outside_or_is_of_another_kind_is_told(text: str, what: str, instead: str | None) -> None:
    found = problem(text)
    assert (found.what, found.instead) == (what, instead)
