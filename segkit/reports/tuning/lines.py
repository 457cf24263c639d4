"""A tuning as lines of 80 cells, laid out from what stands in tuning.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from segkit.reports.evaluation import paragraph
from segkit.reports.first.layout import WIDTH, Line, Piece, Role, title
from segkit.reports.words import (
    clean,
    day,
    fit,
    fit_right,
    listed,
    number,
    plural,
    shorten,
)

Data = Mapping[str, Any]
NONE = "–"
COLUMNS = (("alarms/week", 12), ("in time", 9), ("right", 9), ("lead", 6), ("moves/year", 11), ("later", 7))
SHOWN = 12


def lay_out_tuning(data: Data, where: str, try_it: str) -> list[Line]:
    """`data` as tuning.json holds it; `where` its folder lies; `try_it`: the command that shows what the
    suggestion would move."""
    lines = [*_title(data), *_basis(data), *_table(data), *_judged(data), *_verdict(data)]
    if data["patch"]:
        lines += [(), (Piece("The change, for you to make", "heading"),)]
        lines += [(Piece(shorten(clean(line), WIDTH)),) for line in data["patch"].splitlines()]
        lines += paragraph(f"See first whom it would move: {try_it}", 2)
    return [*lines, (), *paragraph(f"Results: {where}/ (settings.csv, settings.svg)", 0, "dim")]


def _title(data: Data) -> list[Line]:
    right = f"tuning · {plural(len(data['settings']), 'setting')}"
    return title(data["workspace"], right)


def _basis(data: Data) -> list[Line]:
    risk = listed([clean(name) for name in data["risk"]], 6)
    varied = listed([clean(name) for name in data["parameters"]], 3)
    asked = f"in risk {plural(data['lead_weeks'], 'week')} or more before they left, and before notice"
    rest = data["judged_on"]
    judged = f", judged on {_days(rest)}" if rest else ", too short to be judged on a rest"
    return [
        *paragraph(f"Risk means: {risk} ({data['risk_chosen']}). Varied: {varied}; all else stays.", 2),
        *paragraph(f"In time means: {asked}.", 2),
        *paragraph(f"Chosen on {_days(data['chosen_on'])}{judged}.", 2),
        *paragraph(f"Alarms a week that can be answered: {data['capacity']:.1f}.", 2),
    ]


def _table(data: Data) -> list[Line]:
    """The settings that no other one beats, with the current one among them."""
    settings = data["settings"]
    names = {"current": data["current"], "best": data["best"], "knee": data["knee"]}
    if data["verdict"] == "too few":
        del names["best"]
    marked: dict[int, str] = {}
    for name, at in names.items():
        if at is not None:
            marked[at] = f"{marked[at]}, {name}" if at in marked else name
    front = [at for at, each in enumerate(settings) if each["front"] and at not in marked]
    kept = sorted([*marked, *_spread(front, SHOWN - len(marked))], key=lambda at: _order(settings[at]))
    width = WIDTH - 2 - sum(size for _, size in COLUMNS)
    heads = "".join(fit_right(head, size) for head, size in COLUMNS)
    lines: list[Line] = [(), (Piece("What each setting would have caught", "heading"),)]
    lines.append((Piece(f"  {fit(' · '.join(data['parameters']), width)}{heads}", "dim"),))
    for at in kept:
        role: Role = "name" if at in marked else "plain"
        lines.append(
            (Piece(f"  {fit(' · '.join(settings[at]['values']), width)}{_cells(settings[at])}", role),)
        )
        if at in marked:
            lines.append((Piece(f"    ↑ {marked[at]}", "dim"),))
    return [
        *lines,
        *paragraph(
            "Where settings were chosen. right: alarms that ended within 26 weeks; lead: median weeks; "
            "later: weeks after the current alarm. knee: from there on more alarms catch little more.",
            2,
            "dim",
        ),
    ]


def _order(each: Data) -> tuple[float, int]:
    return each["found"]["per_week"], each["found"]["caught"]


def _spread(places: Sequence[int], count: int) -> list[int]:
    if len(places) <= count:
        return list(places)
    step = (len(places) - 1) / max(count - 1, 1)
    return [places[round(at * step)] for at in range(count)]


def _cells(setting: Data) -> str:
    found = setting["found"]
    told = (
        f"{found['per_week']:.1f}",
        f"{found['caught']}/{number(found['ends'])}",
        f"{found['right']}/{number(found['known'])}",
        NONE if found["median_lead"] is None else f"{found['median_lead']:g}",
        NONE if found["moves_a_year"] is None else f"{found['moves_a_year']:.1f}",
        NONE if setting["later"] is None else f"{setting['later']:+.1f}",
    )
    return "".join(fit_right(text, size) for text, (_, size) in zip(told, COLUMNS, strict=True))


def _judged(data: Data) -> list[Line]:
    judged = data["judged"]
    if judged is None:
        return []
    gate = judged["gate"]
    best, now = data["settings"][data["best"]]["found"], data["settings"][data["current"]]["found"]
    lines: list[Line] = [(), (Piece("The best one against the current one", "heading"),)]
    lines += paragraph(f"Where it was chosen: {_pair(best, now)}.", 2)
    lines += paragraph(f"Where nobody had looked: {_pair(judged['best'], judged['current'])}.", 2)
    gained = f"{gate['gained']:+.1f} ends caught in time among the alarms that can be answered"
    lines += paragraph(f"There it gains {gained}; in 95 of 100 resamples {gate['low']:+.1f} or more.", 2)
    beyond = f"{gate['beyond_chance']:+.1f}, in 95 of 100 {gate['beyond_chance_low']:+.1f} or more"
    lines += paragraph(f"Beyond what alarms drawn by lot would gain: {beyond}.", 2)
    return [
        *lines,
        *paragraph(f"It looked {100 * judged['optimism']:+.0f} points better where it was chosen.", 2),
    ]


def _pair(one: Data, other: Data) -> str:
    return (
        f"{one['caught']}/{one['ends']} in time with {one['per_week']:.1f} alarms a week, "
        f"now {other['caught']}/{other['ends']} with {other['per_week']:.1f}"
    )


VERDICTS = {
    "suggested": "A change is suggested",
    "kept": "Leave it as it is",
    "not confirmed": "Nothing is suggested",
    "too few": "Nothing is suggested: too few to tell",
}


def _verdict(data: Data) -> list[Line]:
    role: Role = "good" if data["verdict"] in ("suggested", "kept") else "warn"
    return [(), (Piece(VERDICTS[data["verdict"]], role),), *paragraph(f"{data['why']}.", 2)]


def _days(span: Sequence[str]) -> str:
    return f"{day(date.fromisoformat(span[0]))} to {day(date.fromisoformat(span[1]))}"
