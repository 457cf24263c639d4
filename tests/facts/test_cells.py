"""What a column's cell may say, each way with the values it makes."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from segkit.facts.files.cells import Cell, found
from segkit.facts.rows.derive import derived, unreadable
from segkit.facts.rows.ids import salesforce


def values(cell: dict[str, Any], **columns: list[Any]) -> list[Any]:
    return derived(Cell(**cell), pl.DataFrame(columns)).to_list()


def test_of_several_headers_the_first_that_is_filled_in_counts_row_by_row() -> None:
    assert values({"header": ["a", "b"]}, a=["1", " ", None], b=["x", "y", None]) == ["1", "y", None]


def test_a_value_may_stand_in_json_however_deep() -> None:
    cells = ['{"$user": {"id": 7}, "it\'s": ["a", "b"], "n": null}', "{}", None]
    assert values({"header": "p", "key": ["$user", "id"]}, p=cells) == ["7", None, None]
    assert values({"header": "p", "key": ["it's", "1"]}, p=cells) == ["b", None, None]
    assert values({"header": "p", "key": "n"}, p=cells) == [None, None, None]


def test_text_that_is_no_json_is_told_apart_from_none_at_all() -> None:
    rows = pl.DataFrame({"p": ['{"a": 1}', "[1]", "", None, "user 7", '{"a": ']})
    broken = unreadable(Cell(header="p", key="a"), rows)
    assert broken is not None
    assert broken.to_list() == [False, False, False, False, True, True]
    assert unreadable(Cell(header="p"), rows) is None


def test_of_several_in_a_cell_the_first_counts() -> None:
    assert values({"header": "c", "first_of": ";"}, c=["901;902", "903", None]) == ["901", "903", None]


def test_addresses_are_told_from_ids() -> None:
    both = ["a@x.com", "42", None]
    assert values({"header": "u", "holding": "@"}, u=both) == ["a@x.com", None, None]
    assert values({"header": "u", "without": "@"}, u=both) == [None, "42", None]


def test_a_value_counts_where_another_header_says_so() -> None:
    found = values({"header": "t", "where": {"state": ["closed"]}}, t=["1", "2"], state=["open", "Closed"])
    assert found == [None, "2"]


def test_words_become_numbers_and_others_stay_for_the_contract_to_refuse() -> None:
    words = {"header": "s", "values": {"good": 5, "offered": None}}
    assert values(words, s=["Good", "offered", "odd", None]) == ["5", None, "odd", None]


def test_a_number_may_be_in_another_unit() -> None:
    assert values({"header": "minutes", "times": 60}, minutes=["4", "0.5", "x"]) == [240.0, 30.0, None]


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.acme.com/en?x=1", "acme.com"),
        ("HTTP://acme.co.uk:8080", "acme.co.uk"),
        ("acme.com", "acme.com"),
        ("www.acme.com", "acme.com"),
        ("https://me@acme.com/", "acme.com"),
    ],
)
def test_a_web_address_has_a_domain(address: str, domain: str) -> None:
    assert values({"header": "w", "domain": True}, w=[address]) == [domain]


def test_a_salesforce_id_is_one_id_in_both_its_forms_and_its_case_is_never_folded() -> None:
    long, short = "0015500000Xyy06AAB", "0015500000Xyy06"
    # The same letters in another case are the id of another record.
    other = "0015500000XYY06"
    found = salesforce(
        pl.Series([long, short, other, long.lower(), long.upper(), "0015500000Xyy06AAZ", "ACME-1"])
    )
    assert found[0] == found[1] == found[3] == found[4] == long
    assert found[2] not in (long, None)
    assert found[5] is None  # a suffix that makes a capital of a digit
    assert found[6] == "ACME-1"


def test_a_pattern_means_the_one_header_that_holds_it_in_any_of_the_header_rows() -> None:
    rows = (("Q1", "Q2", "Q2_x"), ("How likely are you to recommend us?", "Why?", "Why else?"))
    assert found(["~likely.*recommend"], rows) == ["Q1"]
    assert found(["~why"], rows) == []
    assert found(["Q2", "~likely"], rows) == ["Q2", "Q1"]


@pytest.mark.parametrize(
    "cell",
    [
        {},
        {"header": "a", "always": 1},
        {"header": "~(", "key": "a"},
        {"header": "a", "holding": ""},
        {"header": "a", "times": 0},
        {"header": "a", "kye": "b"},
    ],
)
def test_a_cell_that_means_nothing_is_refused(cell: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Cell.model_validate(cell)
