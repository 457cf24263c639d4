"""Hours a week, a file for each, and what is new: from a few rows of a work list."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import BytesIO

import polars as pl
import pytest

from segkit.capacity import CapacityFile
from segkit.reports.first.todo import pressed, todo
from segkit.reports.handouts import file_names, handouts, news
from segkit.reports.load import planned
from segkit.reports.worklist import WORKLIST, in_order

AS_OF = date(2026, 11, 15)


def rows(*tasks: dict[str, object]) -> pl.DataFrame:
    usual = {"opened": AS_OF, "urgency": 1.0, "arr": 100.0, "effort": "60 minutes", "status": "open"}
    full = [dict.fromkeys(WORKLIST) | usual | task for task in tasks]
    return pl.DataFrame(full, schema=WORKLIST)


LIST = rows(
    {"key": "a", "owner": "Ann", "csm": "Ann", "urgency": 9.0, "effort": "90 minutes"},
    {"key": "b", "owner": "sales", "csm": "Ann", "urgency": 8.0, "effort": None},
    {"key": "c", "owner": "Ann", "csm": "Ann", "urgency": 7.0, "status": "escalated", "escalated": AS_OF},
    {"key": "d", "owner": "csm", "urgency": 6.0},
    {"key": "e", "owner": "Bob", "csm": "Bob", "urgency": 5.0, "effort": "5 hours"},
    {"key": "f", "owner": "Ann", "csm": "Bob", "urgency": 4.0},
    {
        "key": "g",
        "owner": "Ann",
        "csm": "Ann",
        "status": "closed",
        "closed": AS_OF,
        "opened": AS_OF - timedelta(9),
    },
)
HOURS = CapacityFile(hours=2, owners={"Ann": 1.5})


def weeks(list_: pl.DataFrame) -> dict[str, int | None]:
    days = list_["planned"] - AS_OF
    return {key: None if day is None else day.days / 7 for key, day in zip(list_["key"], days, strict=True)}


def test_tasks_are_planned_one_after_the_other_with_the_hours_there_are() -> None:
    found = planned(LIST, HOURS, AS_OF)
    assert weeks(found) == {"a": 1, "b": 1, "c": 2, "d": None, "e": 3, "f": 3, "g": None}
    assert set(weeks(planned(LIST, CapacityFile(), AS_OF)).values()) == {None}
    only_bob = CapacityFile(owners={"Bob": 5})
    assert weeks(planned(LIST, only_bob, AS_OF)) == dict.fromkeys("abcdfg") | {"e": 1}


def test_what_there_is_time_for_comes_before_what_must_wait() -> None:
    assert in_order(planned(LIST, HOURS, AS_OF))["key"].to_list() == list("abdcefg")


def test_overload_and_what_is_nobodys_are_said() -> None:
    found = todo(planned(LIST, HOURS, AS_OF), AS_OF - timedelta(7), AS_OF, HOURS)
    assert found is not None
    loads = {load.owner: (load.tasks, load.minutes, load.week, load.later) for load in found.loads}
    assert loads == {
        "Ann": (3, 210, 90, 2),
        "Bob": (1, 300, 120, 1),
        "sales": (1, 0, 120, 0),
        None: (1, 60, None, 0),
    }
    assert pressed(found) == [
        "Ann: 3.5 h of work, 1.5 h a week: 2 tasks of 3 must wait",
        "Bob: 5 h of work, 2 h a week: 1 task of 1 must wait",
        "1 task is nobody's",
    ]


def test_a_file_for_each_csm_and_each_owner() -> None:
    files = {name: pl.read_csv(BytesIO(content))["key"].to_list() for name, content in handouts(LIST).items()}
    assert files == {
        "worklist/csm/ann.csv": ["a", "b", "c", "g"],
        "worklist/csm/bob.csv": ["e", "f"],
        "worklist/owner/ann.csv": ["a", "c", "f", "g"],
        "worklist/owner/bob.csv": ["e"],
        "worklist/owner/nobody.csv": ["d"],
        "worklist/owner/sales.csv": ["b"],
    }


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["Lena Brandt"], ["lena-brandt"]),
        (["Zoë Müller"], ["zoe-muller"]),
        (["../../etc/passwd"], ["etc-passwd"]),
        (["CON\n=1+1"], ["con-1-1"]),
        (["a" * 300], ["a" * 40]),
    ],
)
def test_a_file_name_is_letters_digits_and_dashes(names: list[str], files: list[str]) -> None:
    assert list(file_names(names).values()) == files


def test_names_that_would_be_alike_or_empty_have_files_of_their_own() -> None:
    found = file_names(["A B", "a-b", "李", "王", ""])
    assert len(set(found.values())) == 5
    assert all(name.removeprefix("a-b-").isalnum() for name in found.values())


def test_only_what_is_new_is_news() -> None:
    told = json.loads(news("Small", LIST, AS_OF - timedelta(7), AS_OF))
    assert {name: [task["key"] for task in told[name]] for name in ("opened", "escalated", "closed")} == {
        "opened": ["a", "b", "c", "d", "e", "f"],
        "escalated": ["c"],
        "closed": ["g"],
    }
    assert (told["as_of"], told["since"], told["opened"][0]["opened"]) == (
        "2026-11-15",
        "2026-11-08",
        "2026-11-15",
    )
    quiet = json.loads(news("Small", LIST, AS_OF, AS_OF))
    assert quiet["opened"] == quiet["escalated"] == quiet["closed"] == []
