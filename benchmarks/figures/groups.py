"""The figures by what they are about. Each group prints its processes and returns its rows."""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures.cases import Case, asked, scanned, timed
from benchmarks.figures.equal import same_answers
from benchmarks.figures.states import bytes_of, forget, restore, week_before
from benchmarks.process import PYTHON, ROOT, segkit
from benchmarks.table import Row
from benchmarks.worlds import LATELY, L, M, S, as_csv, shorter, world

HISTORIES = (26, 104, 260)
"""Weeks of history among which a weekly run must not differ."""


def _weekly(folder: Path) -> Case:
    """`assign` of the newest week, all others stored."""
    kept = week_before(folder)
    return Case(segkit("assign", "-q", folder), lambda: restore(folder, kept))


def _rebuild(folder: Path) -> Case:
    """`assign` of every week from the raw files."""
    return Case(segkit("assign", "-q", folder), lambda: forget(folder))


def weekly(data: Path, rounds: int) -> list[Row]:
    """M, one more week, against everything that reads the raw files for it."""
    folder = shorter(world(data, M), LATELY)
    cases = {
        "bare scan, Polars": scanned(folder),
        "assign, newest week": _weekly(folder),
        "as-of SQL, DuckDB": asked("as_of", folder),
        "as-of SQL, tuned": asked("as_of_tuned", folder),
    }
    timed(cases, rounds)
    scan, own, plain, tuned = cases.values()
    same_answers(folder, ("as_of", "as_of_tuned"))
    return [
        Row("M weekly ÷ bare scan of all raw data", 0.8, own.wall / scan.wall),
        Row("as-of SQL in DuckDB ÷ M weekly", 10, plain.wall / own.wall, at_least=True),
        Row("as-of SQL, tuned by hand ÷ M weekly", 2, tuned.wall / own.wall, at_least=True),
        Row("M weekly, peak memory, MB", 400, own.megabytes),
    ]


def history(data: Path, rounds: int) -> list[Row]:
    """The same week with shorter and longer histories."""
    whole = world(data, M)
    folders = [whole if weeks == M.weeks else shorter(whole, weeks) for weeks in HISTORIES]
    cases = {f"assign, {weeks} weeks": _weekly(f) for weeks, f in zip(HISTORIES, folders, strict=True)}
    timed(cases, rounds)
    short, _, long = cases.values()
    return [
        Row("M weekly, 260 weeks over 26 weeks: more wall time, %", 5, 100 * (long.wall / short.wall - 1)),
        Row("M weekly, 260 weeks over 26 weeks: more CPU, %", 5, 100 * (long.cpu / short.cpu - 1)),
        Row("M weekly, 260 weeks: peak memory, MB", 400, long.megabytes),
    ]


def rebuild(data: Path, rounds: int) -> list[Row]:
    """M, every week from the raw files, refused rows and assignments included."""
    folder = shorter(world(data, M), LATELY)
    cases = {
        "bare scan, Polars": scanned(folder),
        "assign, newest week": _weekly(folder),
        "weekly partials, expert SQL": asked("weekly_partials", folder),
        "assign, every week": _rebuild(folder),
    }
    timed(cases, rounds)
    scan, week, expert, own = cases.values()
    same_answers(folder, ("weekly_partials",))
    raw = bytes_of(folder, "exports/usage_*")
    return [
        Row("M rebuild ÷ bare scan", 15, own.wall / scan.wall),
        Row("M rebuild, peak memory, MB", 2000, own.megabytes),
        Row("M rebuild ÷ weekly partials in expert SQL", 1.5, own.wall / expert.wall),
        Row("M rebuild ÷ M weekly", 20, own.wall / week.wall, at_least=True),
        Row("store, % of raw Parquet", 30, 100 * bytes_of(folder, "state/cache/usage-*/*") / raw),
    ]


def join(data: Path, rounds: int) -> list[Row]:
    """M against events × windows: minutes a round."""
    folder = shorter(world(data, M), LATELY)
    cases = {
        "events × windows, DuckDB": asked("events_by_windows", folder),
        "assign, every week": _rebuild(folder),
    }
    timed(cases, rounds, warm=False)
    sql, own = cases.values()
    same_answers(folder, ("events_by_windows",))
    return [Row("events × windows in DuckDB ÷ M rebuild", 5, sql.wall / own.wall, at_least=True)]


def small(data: Path, rounds: int) -> list[Row]:
    """S: a loop in pandas, and CSV."""
    folder = world(data, S)
    loop: list[str | Path] = [PYTHON, "-m", "benchmarks.references.pandas_loop", folder]
    cases = {
        "assign, every week": _rebuild(folder),
        "pandas, 2 dates": Case([*loop, "2"]),
        "pandas, 8 dates": Case([*loop, "8"]),
        "assign, newest week": _weekly(folder),
    }
    timed(cases, rounds)
    own, two, eight, week = cases.values()
    per_date = (eight.wall - two.wall) / 6
    whole = two.wall + (LATELY - 2) * per_date
    print(f"pandas, {LATELY} dates: {whole:.1f} s, {per_date:.2f} s each")
    return [
        Row("pandas loop ÷ S rebuild", 15, whole / own.wall, at_least=True),
        Row("S weekly, seconds", 0.5, week.wall),
    ]


def csv(data: Path, rounds: int) -> list[Row]:
    """Reading and checking all rows of S in CSV against reading them."""
    folder = as_csv(world(data, S))
    cases = {
        "read_csv, DuckDB": asked("scan", folder),
        "import duckdb": Case([PYTHON, "-c", "import duckdb"]),
        "read and checked": Case([PYTHON, "-m", "benchmarks.figures.reading", folder]),
        "import segkit": Case([PYTHON, "-m", "benchmarks.figures.reading"]),
        "assign, every week": _rebuild(folder),
    }
    timed(cases, rounds)
    duck, no_duck, own, no_own, _ = cases.values()
    return [
        Row(
            "S in CSV read and checked ÷ read_csv, wall time",
            1.6,
            _beside(own, no_own, duck, no_duck, "wall"),
        ),
        Row("S in CSV read and checked ÷ read_csv, CPU", 1.6, _beside(own, no_own, duck, no_duck, "cpu")),
    ]


def _beside(own: Case, no_own: Case, other: Case, no_other: Case, cost: str) -> float:
    """The ratio of two costs, the imports of each taken off."""
    paid = [float(getattr(case, cost)) for case in (own, no_own, other, no_other)]
    return (paid[0] - paid[1]) / (paid[2] - paid[3])


def large(data: Path, rounds: int) -> list[Row]:
    """L, one more week of daily aggregates, with baselines."""
    folder = world(data, L)
    cases = {"assign, newest week": _weekly(folder)}
    timed(cases, rounds)
    (own,) = cases.values()
    return [Row("L weekly, seconds", 6, own.wall), Row("L weekly, peak memory, MB", 2500, own.megabytes)]


def rules(data: Path, rounds: int) -> list[Row]:
    """Checking twenty segments, in no workspace and without anything kept."""
    cases = {
        "check rules": Case(segkit("check", "rules", ROOT / "benchmarks" / "rules" / "twenty.yaml")),
        "--help": Case(segkit("--help")),
    }
    timed(cases, rounds)
    return [Row("check rules, twenty segments, seconds", 0.5, cases["check rules"].wall)]


GROUPS = {
    "weekly": weekly,
    "history": history,
    "rebuild": rebuild,
    "join": join,
    "small": small,
    "csv": csv,
    "large": large,
    "rules": rules,
}
