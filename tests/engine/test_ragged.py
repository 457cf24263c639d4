"""Stretches of rows: every summary of every window equals one taken by hand."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from segkit.engine.metrics.ragged import Stretches

ENDS = np.array([6, 13, 20, 27, 34], dtype=np.int64)


def rows(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    size = int(random.integers(0, 60))
    value = random.integers(-5, 6, size).astype(np.float64)
    value[random.random(size) < 0.1] = np.nan
    return random.integers(0, 4, size), random.integers(-10, 45, size), value


def by_hand(kind: str, inside: list[tuple[int, float]]) -> float:
    if not inside:
        return np.nan
    values = [value for _, value in inside]
    match kind:
        case "newest":
            last = max(day for day, _ in inside)
            return statistics.fmean(value for day, value in inside if day == last)
        case "last":
            return max(inside)[1]
        case "sum":
            return sum(values)
        case "mean":
            return statistics.fmean(values)
        case "median":
            return statistics.median(values)
    return max(values) if kind == "max" else min(values)


@pytest.mark.parametrize("length", [1, 7, 17, None])
@pytest.mark.parametrize("kind", ["sum", "mean", "median", "max", "min", "newest", "last"])
def test_every_window_is_summarised_as_by_hand(kind: str, length: int | None) -> None:
    for seed in range(25):
        account, day, value = rows(seed)
        found = Stretches.of(account, day, value, 4, ENDS, length)
        match kind:
            case "newest":
                got = found.newest()[0]
            case "last":
                got = found.last()
            case _:
                got = found.summary(kind)  # type: ignore[arg-type]
        expected = np.full((4, len(ENDS)), np.nan)
        for a in range(4):
            for t, end in enumerate(ENDS):
                since = -1000 if length is None else end - length
                inside = [
                    (int(d), float(v))
                    for who, d, v in zip(account, day, value, strict=True)
                    if who == a and since < d <= end and not np.isnan(v)
                ]
                expected[a, t] = by_hand(kind, inside)
        np.testing.assert_allclose(got, expected, err_msg=f"{kind} {length} {seed}")


def test_no_rows_at_all_are_no_values() -> None:
    none = np.array([], dtype=np.int64)
    found = Stretches.of(none, none, none.astype(np.float64), 2, ENDS, 7)
    assert np.isnan(found.summary("median")).all()
    assert np.isnan(found.newest()[0]).all()
    assert found.count.sum() == 0
