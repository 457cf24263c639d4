"""What `check data` tells: how each source was read, how fresh it is, which weeks it covers; also as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from segkit.errors import Problem
from segkit.facts.horizon import period_of
from segkit.facts.load import Loaded
from segkit.facts.quality.form import SourceLook, from_json, to_json
from segkit.facts.quality.late import Weeks
from segkit.facts.taking.profile import MOST_DELAY
from segkit.periods import from_epoch_day
from segkit.reports.first.health import REFUSED, equation, left_out, reasons
from segkit.reports.first.layout import Line, Piece
from segkit.reports.words import clean, day, number, plural, share

NAME = "quality.json"
SCHEMA = 1
SHOWN = 52
"""Periods of a strip."""
YEAR = 52
"""Weeks by which two years are held against each other."""
SEASON = 0.3
"""Correlation of two years from which on they have a season in common."""


def quality(loaded: Loaded, problems: Sequence[Problem]) -> bytes:
    """The bytes of quality.json."""
    value: dict[str, Any] = {
        "schema_version": SCHEMA,
        "as_of": loaded.facts.as_of.isoformat(),
        "sources": {count.source: _source(loaded, count.source) for count in loaded.facts.counts},
        "problems": [told(problem) for problem in problems],
        "notes": [*loaded.notes, *asides(loaded)],
    }
    return _bytes(value)


def unreadable(problems: Sequence[Problem]) -> bytes:
    """quality.json where the exports cannot be used at all."""
    said = [told(problem) for problem in problems]
    return _bytes({"schema_version": SCHEMA, "as_of": None, "sources": {}, "problems": said, "notes": []})


def looks(content: bytes) -> Mapping[str, SourceLook]:
    """What the files of an earlier run looked like; nothing where another version of segkit wrote it."""
    try:
        value = json.loads(content)
        if value["schema_version"] != SCHEMA:
            return {}
        return {source: from_json(found["look"]) for source, found in value["sources"].items()}
    except (ValueError, KeyError, TypeError):
        return {}


def weeks(loaded: Loaded) -> Weeks:
    """The accepted rows of every period of the panel, by source."""
    return {
        source: {end: rows for end, rows, _ in _periods(loaded, source)}
        for source, days in loaded.days.items()
        if days.height
    }


def weeks_then(content: bytes) -> Weeks:
    """The same of an earlier run; nothing where another version of segkit wrote it."""
    try:
        value = json.loads(content)
        if value["schema_version"] != SCHEMA:
            return {}
        return {
            source: {date.fromisoformat(period["ends"]): period["rows"] for period in found["periods"]}
            for source, found in value["sources"].items()
            if "periods" in found
        }
    except (ValueError, KeyError, TypeError):
        return {}


def told(problem: Problem) -> dict[str, str | None]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "what": problem.what,
        "where": str(problem.where) if problem.where else None,
        "hint": problem.hint,
    }


def lines(loaded: Loaded, *, ascii_only: bool = False) -> list[Line]:
    """Lines of 80 cells; a line that holds an example may be longer."""
    found: list[Line] = []
    for count in loaded.facts.counts:
        found.append((Piece(equation(count) + reasons(count), "heading"),))
        found += _fresh(loaded, count.source)
        found += _strip(loaded, count.source, ascii_only)
        found += _examples(loaded.rejected.get(count.source), "x" if ascii_only else "×")
    found += [(Piece(f"left out on purpose: {clean(said)}"),) for said in left_out(loaded)]
    found += [(Piece(clean(said)),) for said in asides(loaded)]
    if loaded.days:
        covered = "x is a {0} the exports do not cover, . one without rows"
        signs = covered if ascii_only else covered.replace("x", "×", 1).replace(" . ", " · ")
        found.append((Piece(f"strips: rows per {{0}}; {signs}".format(loaded.facts.calendar.unit), "dim"),))
    return found


def asides(loaded: Loaded) -> tuple[str, ...]:
    season = _season(loaded)
    return (*loaded.asides, season) if season else loaded.asides


def _source(loaded: Loaded, source: str) -> dict[str, Any]:
    (count,) = (count for count in loaded.facts.counts if count.source == source)
    measured = loaded.looks[source]
    whole = measured.look()
    delays = measured.delays()
    value: dict[str, Any] = {
        "rows": {part: getattr(count, part) for part in ("read", "accepted", "rejected", "excluded")},
        "reasons": dict(count.reasons),
        "files": [{"name": file.name, "sha256": file.sha256} for file in measured.files],
    }
    if delays:
        value["arrived_after_days"] = {str(days): rows for days, rows in delays.items()}
    days = loaded.days.get(source)
    if days is not None and days.height:
        first, last = (from_epoch_day(int(days["day"][at])) for at in (0, -1))
        value |= {
            "first_day": first.isoformat(),
            "last_day": last.isoformat(),
            "days_before_as_of": (loaded.facts.as_of - last).days,
            "periods": [
                {"ends": end.isoformat(), "rows": rows, "covered": covered}
                for end, rows, covered in _periods(loaded, source)
            ],
        }
    return {**value, "look": to_json(whole)} if whole else value


def _periods(loaded: Loaded, source: str) -> Iterator[tuple[date, int, bool]]:
    """End, rows and whether it is covered, of every period of the panel."""
    facts = loaded.facts
    days = loaded.days[source]
    place = period_of(days["day"].to_numpy(), facts.calendar) - int(facts.periods[0])
    inside = (place >= 0) & (place < len(facts.periods))
    rows = np.zeros(len(facts.periods), dtype=np.int64)
    np.add.at(rows, place[inside], days["rows"].to_numpy()[inside])
    covered = facts.coverage[source].covered
    for period, n, told in zip(facts.periods.tolist(), rows.tolist(), covered.tolist(), strict=True):
        yield facts.calendar.end(period), n, told


def _fresh(loaded: Loaded, source: str) -> list[Line]:
    files = plural(len(loaded.looks[source].files), "file")
    days = loaded.days.get(source)
    if days is None or days.is_empty():
        return [(Piece(f"  {files}", "dim"),)]
    first, last = (from_epoch_day(int(days["day"][at])) for at in (0, -1))
    late = (loaded.facts.as_of - last).days
    ago = f", {plural(late, 'day')} before {day(loaded.facts.as_of)}" if late > 0 else ""
    found: list[Line] = [(Piece(f"  {files}, rows from {day(first)} to {day(last)}{ago}", "dim"),)]
    delays = loaded.looks[source].delays()
    return [*found, (Piece(f"  {arrivals(delays)}", "dim"),)] if delays else found


def arrivals(delays: Mapping[int, int]) -> str:
    """`rows arrived: 97.1 % within a day, 99.8 % within 7 days of the event, the last after 28 or more`"""
    total = sum(delays.values())

    def within(days: int) -> str:
        return share(sum(rows for delay, rows in delays.items() if delay < days) / total)

    last = max(delays)
    more = " or more" if last == MOST_DELAY else ""
    end = f", the last after {plural(last, 'day')}{more}" if last else ""
    return f"rows arrived: {within(1)} within a day of the event, {within(7)} within 7{end}"


def _strip(loaded: Loaded, source: str, ascii_only: bool) -> list[Line]:
    if source not in loaded.days:
        return []
    shown = list(_periods(loaded, source))[-SHOWN:]
    steps, none, gap = ("123456789", ".", "x") if ascii_only else ("▁▂▃▄▅▆▇█", "·", "×")
    most = max((rows for _, rows, _ in shown), default=0)
    pieces = [Piece(f"  {shown[0][0]} ", "dim")]
    for _, rows, covered in shown:
        if rows:
            sign = steps[min(len(steps) * rows // (most + 1), len(steps) - 1)]
        else:
            sign = none if covered else gap
        pieces.append(Piece(sign, "good" if covered else "warn"))
    return [(*pieces, Piece(f" {shown[-1][0]}", "dim"))]


def _examples(rejected: pl.DataFrame | None, times: str) -> list[Line]:
    """Each code with its rows and the first of them; never the row itself, which may hold anything."""
    if rejected is None or rejected.is_empty():
        return []
    found: list[Line] = []
    for code, rows, file, line, reason in (
        rejected.sort("file", "line")
        .group_by("code", maintain_order=True)
        .agg(pl.len(), pl.col("file", "line", "reason").first())
        .sort("len", "code", descending=[True, False])
        .select("code", "len", "file", "line", "reason")
        .iter_rows()
    ):
        place = file if line is None else f"{file}:{line}"
        head = f"  {code} {number(rows)} {times} {REFUSED.get(code, 'refused')}, e.g. "
        found.append((Piece(head, "warn"), Piece(clean(f"{place} {reason}"))))
    return found


def _season(loaded: Loaded) -> str | None:
    """Whether the weeks of use of two years rise and fall alike; None with less than two years of it."""
    if loaded.facts.calendar.unit != "week" or "usage" not in loaded.days:
        return None
    weeks = [float(rows) if covered and rows else np.nan for _, rows, covered in _periods(loaded, "usage")]
    if len(weeks) < 2 * YEAR:
        return None
    now, then = np.log(weeks[-YEAR:]), np.log(weeks[-2 * YEAR : -YEAR])
    both = np.isfinite(now) & np.isfinite(then)
    if both.sum() < YEAR * 3 // 4 or not now[both].std() or not then[both].std():
        return None
    alike = float(np.corrcoef(now[both], then[both])[0, 1])
    said = "rise and fall alike" if alike >= SEASON else "have no season in common"
    return f"usage: the last two years {said} (their weeks correlate at {alike:.2f})"


def _bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"
