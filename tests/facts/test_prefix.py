"""What lies after as_of is not seen."""

from __future__ import annotations

from datetime import date

import pytest

from tests.facts.exports import Exports

USAGE = "at,account_id,user_id\n" + "".join(
    f"2026-{day},A,1\n" for day in ("10-05", "10-12", "10-18", "10-25", "10-28", "11-08")
)
SOURCES = {"usage": {"files": "usage.csv"}, "contacts": {"files": "contacts_{date}.csv"}}


@pytest.mark.parametrize(
    ("as_of", "is_key"),
    [
        (date(2026, 10, 11), True),
        (date(2026, 10, 25), True),
        (date(2026, 11, 1), False),
        (date(2026, 11, 8), False),
    ],
)
def test_a_list_of_contacts_speaks_from_its_date_and_the_first_also_before(
    exports: Exports, as_of: date, is_key: bool
) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("contacts_2026-10-18.csv", "user_id,account_id,is_key\n1,A,yes\n2,A,no\n")
    exports.write("contacts_2026-11-03.csv", "user_id,account_id,is_key\n1,A,no\n")
    loaded = exports.load(SOURCES, as_of=as_of)
    assert loaded.facts.people["is_key"].to_list() == ([True, False] if is_key else [False])
    (count,) = (count for count in loaded.facts.counts if count.source == "contacts")
    assert (count.read, count.accepted + count.excluded, count.accepted) == (3, 3, 2 if is_key else 1)
