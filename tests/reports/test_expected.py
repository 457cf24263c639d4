"""What was expected and so not alarmed, in words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from segkit.reports.first.expected import Group, dips_said

SHOPS = Group("events_28d", "Retail × EMEA", 14, -0.324, -0.04, True, "unusual")


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (
            SHOPS,
            "Retail × EMEA: events_28d −32 % against the weeks before, −4 % in past years: "
            "unusual (14 accounts)",
        ),
        (
            replace(SHOPS, last_years=None, accounts=1),
            "Retail × EMEA: events_28d −32 % against the weeks before: unusual (1 account)",
        ),
        (
            replace(SHOPS, metric="nps_latest", change=-12.5, last_years=1.0, relative=False),
            "Retail × EMEA: nps_latest −12.5 against the weeks before, +1 in past years: "
            "unusual (14 accounts)",
        ),
    ],
)
def test_a_group_is_said_with_its_past_years(group: Group, said: str) -> None:
    assert group.said() == said


def test_expected_dips_name_a_few_and_count_the_rest() -> None:
    assert dips_said(("Acme", "Borg", "Cosmo"), 2) == (
        "3 accounts dipped as expected, like their peers this week or like every year: Acme, Borg and 1 more"
    )
