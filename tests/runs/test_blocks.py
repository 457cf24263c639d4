"""The files in which baselines are kept: many become one, and what is damaged is not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segkit.engine.baselines import GroupPast, Kept, Past
from segkit.runs.folders.blocks import MANY, Blocks

ACCOUNTS = ("A", "B")
GROUPS = (GroupPast(("all",), np.zeros((1, 3)), np.ones((1, 3))),)


def grown(past: Past, value: float) -> Past:
    """One more week in which A has `value` and B has nothing."""
    column = np.array([[value], [np.nan]])
    more = {name: columns.then(column, 40) for name, columns in past.by_name().items()}
    return past.columns(more).with_groups(GROUPS, GROUPS)


def kept(past: Past, last: int, accounts: tuple[str, ...] = ACCOUNTS) -> Kept:
    return Kept(last, tuple(f"print {week}" for week in range(last + 1)), accounts, past)


def read(blocks: Blocks, key: str = "key") -> list[list[float]] | None:
    found = blocks.get("events_28d", key)
    if found is None:
        return None
    rows: list[list[float]] = found.past.lr.before(np.zeros((len(found.accounts), 0)), slice(None)).tolist()
    return rows


def test_weeks_are_added_and_many_blocks_become_one(tmp_path: Path) -> None:
    blocks = Blocks(tmp_path)
    weeks = MANY + 4
    blocks.put("events_28d", "key", kept(grown(Past(), 0.0), 0))
    for week in range(1, weeks):
        before = blocks.get("events_28d", "key")
        assert before is not None
        assert (before.last, before.accounts) == (week - 1, ACCOUNTS)
        blocks.put("events_28d", "key", kept(grown(before.past, float(week)), week))
        assert len(list(tmp_path.rglob("*-lr.npy"))) <= MANY + 1
    rows = read(blocks)
    assert rows is not None
    assert rows[0] == [float(week) for week in range(weeks)]
    assert np.isnan(rows[1]).all()
    assert len(list(tmp_path.rglob("*-lr.npy"))) == weeks - MANY


def test_accounts_come_and_go_between_blocks(tmp_path: Path) -> None:
    blocks = Blocks(tmp_path)
    blocks.put("events_28d", "key", kept(grown(Past(), 1.0), 0))
    before = blocks.get("events_28d", "key")
    assert before is not None
    other = before.past.of(np.array([-1, 1, 0]))
    column = np.array([[7.0], [8.0], [9.0]])
    past = other.columns({name: each.then(column, 40) for name, each in other.by_name().items()})
    blocks.put("events_28d", "key", kept(past, 1, ("0", "B", "A")))
    rows = read(blocks)
    assert rows is not None
    assert rows[2] == [1.0, 9.0]
    assert np.isnan(rows[0][0])
    assert [row[1] for row in rows] == [7.0, 8.0, 9.0]


def test_an_index_that_is_gone_when_weeks_are_added_costs_no_week(tmp_path: Path) -> None:
    """As a disk that refuses it at that moment does."""
    blocks = Blocks(tmp_path)
    blocks.put("events_28d", "key", kept(grown(Past(), 1.0), 0))
    before = blocks.get("events_28d", "key")
    assert before is not None
    (index,) = tmp_path.rglob("index.json")
    index.unlink()
    blocks.put("events_28d", "key", kept(grown(before.past, 2.0), 1))
    rows = read(blocks)
    assert rows is not None
    assert rows[0] == [1.0, 2.0]


@pytest.mark.parametrize("what", ["index.json", "*.npz", "*-lr.npy"])
@pytest.mark.parametrize("how", ["gone", "cut", "changed"])
def test_what_is_damaged_is_not_there(tmp_path: Path, what: str, how: str) -> None:
    blocks = Blocks(tmp_path)
    blocks.put("events_28d", "key", kept(grown(Past(), 1.0), 0))
    (file,) = tmp_path.rglob(what)
    content = file.read_bytes()
    file.unlink()
    if how == "cut":
        file.write_bytes(content[:-3])
    elif how == "changed":
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert read(blocks) is None
    blocks.put("events_28d", "key", kept(grown(Past(), 2.0), 0))
    assert read(blocks) is not None


def test_another_key_forgets_the_first_and_other_metrics_stay(tmp_path: Path) -> None:
    blocks = Blocks(tmp_path)
    blocks.put("logins_7d", "key", kept(grown(Past(), 1.0), 0))
    blocks.put("events_28d", "key", kept(grown(Past(), 1.0), 0))
    blocks.put("events_28d", "other", kept(grown(Past(), 2.0), 0))
    assert read(blocks) is None
    assert read(blocks, "other") is not None
    assert blocks.get("logins_7d", "key") is not None


def test_what_is_only_read_is_not_written(tmp_path: Path) -> None:
    Blocks(tmp_path / "none", write=False).put("events_28d", "key", kept(grown(Past(), 1.0), 0))
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    Blocks(tmp_path / "file").put("events_28d", "key", kept(grown(Past(), 1.0), 0))
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize(("changed", "valid"), [(5, 4), (3, 2), (None, 5), (0, None)])
def test_the_past_is_valid_up_to_the_week_before_the_one_that_changed(
    changed: int | None, valid: int | None
) -> None:
    past = kept(Past(), 5)
    today = tuple(
        f"print {week}" if changed is None or week < changed else f"other {week}" for week in range(8)
    )
    assert past.valid(today, 0, 8) == valid
    assert past.valid(today, 0, 3) == (None if valid is None else min(valid, 2))
