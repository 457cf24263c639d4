"""What changed in the form of an export since the last run is told with its code; what did not is not."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from segkit.facts.quality.drift import Drift, drift
from segkit.facts.quality.form import from_json, to_json
from tests.facts.exports import Exports

ROWS = 100


def export(**changed: Callable[[int], object] | None) -> pl.DataFrame:
    """A hundred usage rows of one week; a column may be made otherwise, or left out (None)."""
    cells: dict[str, Callable[[int], object] | None] = {
        "at": lambda n: f"2026-11-0{n % 7 + 2}",
        "account_id": lambda n: f"A{n % 9}",
        "event": lambda n: ("login", "view", "export")[n % 3],
        "seconds": lambda n: 100 + n,
        "session_id": lambda n: f"s{n}",
        **changed,
    }
    return pl.DataFrame({name: [str(cell(n)) for n in range(ROWS)] for name, cell in cells.items() if cell})


def drifted(exports: Exports, now: pl.DataFrame) -> Drift:
    """The last run read one week; this run reads `now` beside it."""
    config = {"usage": {"files": "usage_*.csv", "delivery": "append"}}
    export().write_csv(exports.root / "usage_1.csv")
    before = {name: look.look() for name, look in exports.load(config).looks.items()}
    written = {name: from_json(to_json(look)) for name, look in before.items() if look is not None}
    now.write_csv(exports.root / "usage_2.csv")
    return drift(exports.load(config).looks, written)


def test_an_export_like_the_last_one_has_not_drifted(exports: Exports) -> None:
    assert drifted(exports, export(seconds=lambda n: 105 + n)) == Drift()


def test_columns_in_another_order_are_a_note(exports: Exports) -> None:
    found = drifted(exports, export()[:, ::-1])
    assert found.problems == ()
    assert found.notes == (
        "usage: the columns stand in another order than in the last run; they are read by name",
    )


@pytest.mark.parametrize(
    ("now", "code", "says", "hint"),
    [
        (
            export(session_id=None).with_columns(pl.lit("s").alias("Session ID")),
            "D301",
            "usage: the column session_id of the last run is gone; did Session ID take its place?",
            "columns: {session_id: Session ID} in segkit.yaml",
        ),
        (
            export(session_id=None),
            "D302",
            "usage: the column session_id of the last run is gone",
            "session_id is unknown from here on",
        ),
        (export(browser=lambda n: "x"), "D303", "usage: 1 new column: browser", None),
        (
            export(session_id=lambda n: 7 * n),
            "D304",
            "usage.session_id reads like number; in the last run it was text",
            None,
        ),
        (
            export(event=lambda n: "" if n % 2 else "login"),
            "D305",
            "usage.event is empty in 50% of the new rows; in the last run it was in 0%",
            "was the column left out of the export, or renamed?",
        ),
        (
            export(event=lambda n: ("login", "view", "purchase")[n % 3]),
            "D306",
            "usage.event has 1 new value: purchase (33 rows)",
            "rules compare with values as they are written",
        ),
    ],
    ids=["renamed", "missing", "added", "retyped", "emptier", "new value"],
)
def test_each_change_has_its_code(
    exports: Exports, now: pl.DataFrame, code: str, says: str, hint: str | None
) -> None:
    (problem,) = drifted(exports, now).problems
    assert (problem.code, problem.severity, problem.what) == (code, "warning", says)
    assert problem.hint == hint
    assert str(problem.where) == "usage_2.csv:1"


@pytest.mark.parametrize("factor", [10, 60, 100, 1000])
@pytest.mark.parametrize("up", [True, False], ids=["times", "parts"])
def test_a_change_of_unit_shows_in_the_median(exports: Exports, factor: int, up: bool) -> None:
    (problem,) = drifted(
        exports, export(seconds=lambda n: (100 + n) * (factor if up else 1 / factor))
    ).problems
    assert problem.code == "D307"
    assert f"about {factor} times" in problem.what if up else f"about a {factor}th" in problem.what


def test_twice_as_much_is_no_change_of_unit(exports: Exports) -> None:
    assert drifted(exports, export(seconds=lambda n: 2 * (100 + n))).problems == ()


def test_no_name_address_or_comment_is_kept_of_a_file(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n2026-11-02,A1\n2026-11-08,A1\n")
    exports.write(
        "accounts.csv", "account_id,name,csm,contact_mail,tier\nA1,Canary Ltd,Canary,c@nary.org,gold\n"
    )
    exports.write(
        "surveys.csv", "answered_at,account_id,instrument,score,comment\n2026-11-02,A1,nps,9,canary\n"
    )
    config = {
        "usage": {"files": "usage.csv"},
        "accounts": {"files": "accounts.csv", "attributes": {"contact_mail": "text", "tier": "text"}},
        "surveys": {"files": "surveys.csv"},
    }
    looks = [look.look() for look in exports.load(config).looks.values()]
    told = str([to_json(look) for look in looks if look is not None])
    assert "canary" not in told.lower()
    assert "gold" in told
