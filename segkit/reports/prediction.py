"""A prediction as lines of 80 cells, laid out from what stands in prediction.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from segkit.reports.evaluation import of_all, paragraph
from segkit.reports.first.layout import Line, Piece, Role, title
from segkit.reports.words import clean, day, fit, fit_right, plural

Data = Mapping[str, Any]
SHOWN = 10


def lay_out_prediction(data: Data, rows: Sequence[Mapping[str, Any]], where: str) -> list[Line]:
    """`rows` of predictions.csv, the most likely first; `where` its folder lies."""
    lines = [*_title(data)]
    for each in data["horizons"]:
        lines += _horizon(each, data["calls"])
    lines += _rows(data, rows)
    trait = f"trait({data['kind']}_60d)"
    bands = data["bands"]
    lines += [(), (Piece("To use it in rules", "heading"),)]
    lines += paragraph(f"Copy {where}/{data['traits']} among the files of the source traits.", 2)
    lines += paragraph(f'Write for example: {trait} is "high".', 2)
    lines += paragraph(
        f"high: {bands['high']:g} times the average of all or more; raised: {bands['raised']:g} times; "
        "else usual.",
        2,
        "dim",
    )
    return [*lines, (), *paragraph(f"Results: {where}/predictions.csv (model {data['model']})", 0, "dim")]


def _title(data: Data) -> list[Line]:
    when = day(date.fromisoformat(data["as_of"]))
    right = f"{data['outcome']}, from {when} on · {plural(data['accounts'], 'account')}"
    return title(data["workspace"], right)


def _horizon(each: Data, calls: int) -> list[Line]:
    used = "the model is used" if each["method"] == "model" else "the rate by segment and time in it is used"
    role: Role = "good" if each["method"] == "model" else "plain"
    lines: list[Line] = [(), (Piece(f"Within {each['days']} days: {used}", "heading"),)]
    lines += paragraph(f"{each['why']}.", 2, role)
    if each["examples"]:
        told = f"Judged on {plural(each['examples'], 'account')} at landmarks, of which {each['events']} did"
        lines += paragraph(f"{told}; learned from {each['learned_events']}.", 2)
    if each["skill"] is not None:
        low = f"{100 * each['skill_low']:+.1f}"
        lines += paragraph(
            f"Error saved over the rate by segment (Brier skill): {100 * each['skill']:+.1f} %, in 95 of 100 "
            f"resamples {low} % or more.",
            2,
        )
    if each["events"] >= 5:
        fifths = [f"{of_all(one['foretold'])} → {_k(one['happened'])}" for one in each["bins"]]
        lines += paragraph(f"Foretold → happened, in fifths: {', '.join(fifths)}.", 2)
        lines += paragraph(f"Of the {calls} most endangered each time: {_k(each['called'])}.", 2)
    return lines


def _rows(data: Data, rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    if not rows:
        return []
    lines: list[Line] = [
        (),
        (Piece("Most likely", "heading"), Piece(fit_right("30, 60, 90 days", 69), "dim")),
    ]
    for row in rows[:SHOWN]:
        chances = "".join(fit_right(of_all(row[f"{data['kind']}_{d}d"]), 9) for d in (30, 60, 90))
        head = f"  {fit(clean(str(row['account_id'])), 30)}{fit(clean(row['segment']), 20)}"
        lines.append((Piece(f"{head}{chances}"),))
        lines += paragraph(clean(row["because"]), 4, "dim")
    return lines


def _k(share: Data) -> str:
    return f"{share['k']}/{share['n']}"
