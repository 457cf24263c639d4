"""What two rule sets decide differently adds up exactly to what each of them decides alone."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from segkit.errors import ConfigError
from segkit.runs import replay
from segkit.runs.comparing import Compared, compare_rules, show_comparison
from segkit.workspace import open_workspace
from tests.runs.small import NOW, RULES, write

NEW = (
    RULES.replace("events_7d under 3", "events_7d under 5")
    .replace("exit: events_7d at least 3", "exit: events_7d at least 5")
    .replace("events_7d at least 5\nplaybooks", "events_7d at least 3\nplaybooks")
)
WEEK = ["dimension", "segment", "as_of"]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Compared]:
    folder = write(tmp_path_factory.mktemp("small"))
    (folder / "new.yaml").write_text(NEW)
    return folder, compare_rules(open_workspace(folder), folder / "new.yaml", now=NOW)


def _alone(folder: Path, rules: str) -> pl.DataFrame:
    """Transitions of a replay under one rule file; `left` and nothing are outside."""
    from msgspec.structs import replace

    done = replay(replace(open_workspace(folder), rules=folder / rules), now=NOW)
    return done.transitions


def _net(transitions: pl.DataFrame, *keys: str) -> dict[tuple[object, ...], int]:
    """Came less went, counted row by row."""
    found: dict[tuple[object, ...], int] = {}
    for row in transitions.iter_rows(named=True):
        for end, sign in (("to", 1), ("from", -1)):
            if row[end] not in (None, "left"):
                key = (row["dimension"], row[end], *(row[name] for name in keys))
                found[key] = found.get(key, 0) + sign
    return found


def test_differences_by_week_and_cause_are_those_of_the_two_replays(both: tuple[Path, Compared]) -> None:
    folder, done = both
    causes = pl.read_csv(done.folder / "causes.csv", try_parse_dates=True)
    old, new = (_net(_alone(folder, name), "as_of", "cause") for name in ("rules.yaml", "new.yaml"))
    told = {
        (row["dimension"], row["segment"], row["as_of"], row["cause"]): (
            row["old"],
            row["new"],
            row["difference"],
        )
        for row in causes.iter_rows(named=True)
    }
    expected = {
        key: (old.get(key, 0), new.get(key, 0), new.get(key, 0) - old.get(key, 0)) for key in {*old, *new}
    }
    assert told == expected
    assert any(difference for *_, difference in told.values())


def test_sizes_of_every_week_are_what_came_less_what_went(both: tuple[Path, Compared]) -> None:
    _, done = both
    sizes = pl.read_csv(done.folder / "segments.csv", try_parse_dates=True).sort(WEEK)
    causes = pl.read_csv(done.folder / "causes.csv", try_parse_dates=True)
    flows = causes.group_by(WEEK).agg(pl.col("old", "new", "difference").sum().name.suffix("_flow"))
    joined = sizes.join(flows, on=WEEK, how="left", maintain_order="left").fill_null(0)
    for side in ("old", "new", "difference"):
        summed = joined.select(pl.col(f"{side}_flow").cum_sum().over("dimension", "segment")).to_series()
        assert summed.to_list() == sizes[side].to_list()
    assert (sizes["new"] - sizes["old"]).to_list() == sizes["difference"].to_list()
    assert sizes["difference"].abs().sum() > 0


def test_accounts_sizes_and_moves_of_today_tell_the_same_story(both: tuple[Path, Compared]) -> None:
    _, done = both
    told = done.document
    rows = [row for row in told["accounts"] if row["dimension"] == "segments"]
    assert len(rows) == sum(row["accounts"] for row in told["moves"]) == told["weeks"][-1]["differ"]
    for size in (row for row in told["sizes"] if row["dimension"] == "segments"):
        name = size["segment"]
        came = sum(row["new"] == name for row in rows) - sum(row["old"] == name for row in rows)
        assert size["new"] - size["old"] == came
        worth = sum(row["arr"] * ((row["new"] == name) - (row["old"] == name)) for row in rows)
        assert size["arr_new"] - size["arr_old"] == worth


def test_bounces_are_two_moves_within_four_weeks(both: tuple[Path, Compared]) -> None:
    folder, done = both
    for side, name in (("old", "rules.yaml"), ("new", "new.yaml")):
        main = _alone(folder, name).filter(
            (pl.col("dimension") == "segments") & ~pl.col("cause").is_in(["first_seen", "roster"])
        )
        expected: dict[object, int] = {}
        last: dict[str, object] = {}
        for account, day in main.sort("as_of").select("account_id", "as_of").iter_rows():
            if account in last and (day - last[account]).days <= 28:
                expected[day.isoformat()] = expected.get(day.isoformat(), 0) + 1
            last[account] = day
        weeks = done.document["weeks"]
        assert {w["as_of"]: w[f"bounces_{side}"] for w in weeks if w[f"bounces_{side}"]} == expected
        assert sum(w[f"moves_{side}"] for w in weeks) == main.height


def test_the_first_condition_is_that_of_the_week_in_which_they_parted(both: tuple[Path, Compared]) -> None:
    folder, done = both
    rows = {row["account_id"]: row for row in done.document["accounts"] if row["dimension"] == "segments"}
    dyna = rows["D"]
    assert (dyna["old"], dyna["new"], dyna["moved_by"]) == ("active", "at_risk", "new")
    row = _alone(folder, "new.yaml").filter(
        (pl.col("account_id") == "D") & (pl.col("as_of") == pl.lit(dyna["since"]).str.to_date())
    )
    [because] = row.filter(pl.col("dimension") == "segments")["because"].to_list()
    assert dyna["first_because"] == because == "events_7d 3 (under 5)"


def test_segments_and_flags_that_only_one_rule_set_has_count_on_its_side(tmp_path: Path) -> None:
    folder = write(tmp_path)
    added = RULES.replace("  - name: busy", "  - name: idle\n    enter: events_7d under 1\n  - name: busy")
    (folder / "new.yaml").write_text(added)
    done = compare_rules(open_workspace(folder), folder / "new.yaml", now=NOW)
    assert done.document["rules"]["changes"] == ["flag idle is new"]
    [idle] = [row for row in done.document["sizes"] if row["segment"] == "idle"]
    rows = [row for row in done.document["accounts"] if row["new"] == "idle"]
    assert (idle["old"], idle["new"]) == (0, len(rows)) == (0, 2)
    assert not done.same
    assert show_comparison(open_workspace(folder), done.folder, now=NOW).accounts.equals(done.accounts)
    (folder / "new.yaml").unlink()
    with pytest.raises(ConfigError) as error:
        show_comparison(open_workspace(folder), done.folder, now=NOW)
    assert "new.yaml is not there any more" in str(error.value)
