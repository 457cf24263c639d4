"""One account against what was expected of it: a small plot and a table, at most 80 cells wide."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from segkit.reports.first.layout import WIDTH, Line, Piece
from segkit.reports.words import amount, clean, day, days_in_words, fit, fit_right, plural, wrap

PLOT_WEEKS, PLOT_HEIGHT, AXIS = 68, 10, 10
TABLE_ROWS = 12
OUTSIDE, INSIDE, EXPECTED, BAND, PAUSED = "●", "o", "─", "░", "×"
LEGEND = f"{INSIDE} value   {OUTSIDE} outside the band   {EXPECTED} expected   {BAND} usual ups and downs"


def lay_out_baseline(name: str, metric: str, unit: str, rows: pl.DataFrame) -> list[Line]:
    """`rows` as `engine.baseline_series` gives them, oldest first."""
    head = (Piece(clean(name), "title"), Piece(f"  {metric} against what was expected", "dim"))
    if rows.is_empty() or rows["value"].null_count() == rows.height:
        return [head, (Piece("  Nothing is known of it."),)]
    last = rows.row(-1, named=True)
    near = rows.tail(PLOT_WEEKS)
    lines = [head, (), *plot(near), (Piece(" " * AXIS + LEGEND, "dim"),)]
    pauses = near["paused"].drop_nulls().unique(maintain_order=True)
    if len(pauses):
        lines.append((Piece(f"{' ' * AXIS}{PAUSED} paused", "dim"),))
    lines += [(), *_table(rows.tail(TABLE_ROWS)), ()]
    for said in [*(f"Paused {days_in_words(clean(pause))}." for pause in pauses), *_said(last, unit)]:
        lines += [(Piece(f"  {line}"),) for line in wrap(said, WIDTH - 4)]
    return lines


def plot(rows: pl.DataFrame) -> list[Line]:
    """One column of cells per period, the days of the first and the last one below."""
    columns = [rows[name].to_list() for name in ("value", "expected", "low", "high")]
    known = [v for column in columns[:2] for v in column if v is not None]
    high = max([*known, *(v for v in columns[3] if v is not None and v <= 1.5 * max(known))])
    low = min([0.0, *known])
    span = (high - low) or 1.0

    def level(value: float) -> int:
        return int(min(max(round((value - low) / span * (PLOT_HEIGHT - 1)), 0), PLOT_HEIGHT - 1))

    cells = [[" "] * rows.height for _ in range(PLOT_HEIGHT)]
    for place, (value, expected, bottom, top, pause) in enumerate(zip(*columns, rows["paused"], strict=True)):
        if bottom is not None and top is not None:
            for height in range(level(bottom), level(top) + 1):
                cells[height][place] = BAND
        if expected is not None:
            cells[level(expected)][place] = EXPECTED
        if value is not None:
            out = bottom is not None and top is not None and not bottom <= value <= top
            cells[level(value)][place] = OUTSIDE if out else INSIDE
        elif pause is not None:
            cells[0][place] = PAUSED
    lines: list[Line] = []
    for height in range(PLOT_HEIGHT - 1, -1, -1):
        mark = amount(low + span * height / (PLOT_HEIGHT - 1)) if height % 3 == 0 else ""
        lines.append((Piece(fit_right(mark, AXIS - 2) + "  ", "dim"), Piece("".join(cells[height]))))
    first, end = day(rows["as_of"][0]), day(rows["as_of"][-1])
    gap = " " * max(rows.height - len(first) - len(end), 1)
    lines.append((Piece(" " * AXIS + first + gap + end, "dim"),))
    return lines


_COLUMNS: Sequence[tuple[str, str, int]] = (
    ("value", "value", 9),
    ("expected", "expected", 9),
    ("vs_expected", "vs it", 8),
    ("z_score", "z", 7),
    ("vs_usual", "vs usual", 9),
    ("peers_excuse", "peers", 8),
    ("own_excuse", "own year", 9),
)


def _table(rows: pl.DataFrame) -> list[Line]:
    title = fit("  to", 14) + "".join(fit_right(head, width) for _, head, width in _COLUMNS)
    lines: list[Line] = [(Piece(title, "dim"),)]
    for row in rows.iter_rows(named=True):
        cells = "".join(fit_right(_cell(name, row[name]), width) for name, _, width in _COLUMNS)
        mark = " paused" if row["paused"] is not None else ""
        lines.append((Piece(fit(f"  {day(row['as_of'])}", 14) + cells + mark),))
    return lines


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name in ("value", "expected"):
        return amount(value)
    return (
        f"{value:.1f}"
        if name == "z_score"
        else f"{value * 100:+.0f} %".replace("+0 %", "0 %").replace("-0 %", "0 %")
    )


def _said(row: dict[str, object], unit: str) -> list[str]:
    if row["paused"]:
        return [f"This {unit} is paused: nothing is held against what was expected."]
    basis = row["basis"]
    said = [f"Basis: {basis}. {BASIS.get(str(basis).split('(')[0], '')}"]
    if row["peers"]:
        count = row["peer_count"]
        assert isinstance(count, int)
        said.append(f"Peers: {row['peers']}, {plural(count, 'account')} with a change this {unit}.")
    if row["confidence"]:
        said.append("First season: no year of its own tells yet what is usual in these weeks.")
    if row["usual_is_expected"]:
        said.append("Too little of a year is known for what is usual: it repeats what was expected.")
    if row["group_verdict"] == "unusual":
        said.append("Its whole group falls unlike past years; that excuses the account, not the group.")
    return said


BASIS = {
    "none": "There is too little history for an expectation.",
    "previous": "Its own last twelve weeks; too few other accounts to compare with.",
    "own": "Its own last twelve weeks and the same weeks of its past years.",
    "peers": "Its own last twelve weeks, and what its peers did this week.",
    "peers+own": "Its last twelve weeks, its peers this week, and the same weeks of its past years.",
}
