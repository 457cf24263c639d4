"""An evaluation as lines of 80 cells, laid out from what stands in evaluation.json: both say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from segkit.reports.first.layout import WIDTH, Line, Piece, Role, title
from segkit.reports.words import (
    KEEP,
    cells,
    clean,
    day,
    fit,
    fit_right,
    listed,
    number,
    plural,
    wrap,
)

Data = Mapping[str, Any]
NONE = "–"
NO_CAUSE = (
    "No causal claim: an account that a call saved looks like a false alarm. k/n counts accounts at "
    "landmarks; an account may stand at several, its end only at one."
)


def lay_out_evaluation(data: Data, where: str) -> list[Line]:
    """`data` as evaluation.json holds it; `where` it lies."""
    lines = [*_title(data), *_basis(data)]
    if data["refused"]:
        lines += [(), (Piece("Rates are refused", "warn"),)]
        lines += paragraph(f"{data['refused']['why']}.", 2)
        lines += paragraph(f"→ {data['refused']['hint']}", 2)
    else:
        lines += [*_rates(data), *_marked(data), *_survival(data), *_together(data)]
    lines += [*_stability(data), *_advice(data), ()]
    return [*lines, *paragraph(f"Results: {where}", 0, "dim")]


def _title(data: Data) -> list[Line]:
    right = f"evaluation · outcomes to {_day(data['outcomes_until'])}"
    return title(data["workspace"], right)


def _basis(data: Data) -> list[Line]:
    made, unit = data["decisions"], data["unit"]
    span = f"{plural(made['periods'], unit)} from {_day(made['first'])} to {_day(made['last'])}"
    if made["source"] == "published":
        told = f"Decisions as published: {span}, {plural(made['runs'], 'run')}"
        later = made["periods"] - made["live"]
        told += f"; {number(later)} of them were decided after the fact" if later else ""
    else:
        told = f"Decisions replayed with today's rules and files, never published: {span}"
    risk = listed([clean(name) for name in data["risk"]], 6)
    return [
        *paragraph(f"{told}.", 2),
        *paragraph(
            f"{plural(made['accounts'], 'account')}, of which {number(data['churned'])} ended since.", 2
        ),
        *paragraph(f"Risk means: {risk} ({data['risk_chosen']}).", 2),
    ]


def _rates(data: Data) -> list[Line]:
    first, actionable = data["windows"]
    marks = first["landmarks"]
    lines: list[Line] = [
        (),
        _heading("Who left in the 13 weeks after the next", plural(len(marks), "landmark")),
    ]
    lines.append((Piece(f"  {fit('', 18)}{_columns('left/of', 'rate', '95 %', 'against the rest')}", "dim"),))
    lines += [_contrast(each["name"], each) for each in first["segments"]]
    if first["risk"] and len(data["risk"]) > 1:
        lines.append(_contrast("all risk", first["risk"]))
    lines.append(_line("all", first["everybody"], ""))
    if first["in_gap"] or first["vanished"]:
        left_out = []
        if first["in_gap"]:
            left_out.append(f"{first['in_gap']} left within the first week")
        if first["vanished"]:
            left_out.append(f"{first['vanished']} vanished from the list without a date")
        lines += paragraph(f"Not counted: {', '.join(left_out)}.", 2, "dim")
    if actionable["risk"] and actionable["landmarks"]:
        risk = actionable["risk"]
        said = f"With four weeks to act: risk {of_share(risk['share'])}, the rest {of_share(risk['rest'])}"
        lines += paragraph(f"{said}: {against(risk)}.", 2)
    return lines


def _contrast(name: str, each: Data) -> Line:
    role: Role = "warn" if each["verdict"] == "higher" else "plain"
    return _line(name, each["share"], against(each), role)


def against(each: Data) -> str:
    ratio = each["ratio"]
    if ratio is None:
        return str(each["verdict"])
    times = f"{ratio['ratio']:.1f}× ({ratio['low']:.1f}–{ratio['high']:.1f})"
    return (
        f"{times} {each['verdict']}"
        if each["verdict"] in ("higher", "lower")
        else f"{times} {_unclear(each)}"
    )


def _unclear(each: Data) -> str:
    return "not shown" if each["verdict"] == "no difference shown" else "too few"


def _line(name: str, share: Data, against: str, role: Role = "plain") -> Line:
    rate = NONE if share["rate"] is None else of_all(share["rate"])
    told = _columns(f"{share['k']}/{number(share['n'])}", rate, interval(share), against)
    return (Piece(f"  {fit(clean(name), 18)}"), Piece(told.rstrip(), role))


def _columns(counts: str, rate: str, interval: str, against: str) -> str:
    return f"{fit_right(counts, 11)}{fit_right(rate, 9)}{fit_right(interval, 12)}   {against}"


def _marked(data: Data) -> list[Line]:
    marked = data["windows"][0]["marked"]
    if not marked:
        return []
    lines: list[Line] = [(), _heading("Were they marked")]
    lines += paragraph(
        f"Precision: of accounts in risk at a landmark, {of_share(marked['precision'])} left.", 2
    )
    lines += paragraph(
        f"Recall: of those that left, {of_share(marked['recall'])} were in risk at the landmark.", 2
    )
    entered = data["episodes"]
    if entered["entries"]:
        told = f"{entered['right']}/{entered['entries']} entries into risk ended within 26 weeks"
        lines += paragraph(f"Episodes: {told} ({plural(entered['accounts'], 'account')}).", 2)
    lines += _lead(data["lead"])
    worth = data["money"]
    if worth and worth["marked"] > 0:
        lost = f", of {number(worth['left'])} that left" if worth["left"] else ""
        told = f"{number(worth['right'])} of {number(worth['marked'])} in risk left{lost}"
        lines += paragraph(f"In ARR at the landmarks: {told}.", 2)
    if data["capacity"]:
        calls = data["capacity"]
        told = f"{calls['right']}/{calls['calls']} would have been right"
        lines += paragraph(
            f"With {plural(calls['per_period'], 'call')} a {data['unit']}: {told}, and reached "
            f"{of_share(calls['reached'])} of those that left.",
            2,
        )
    return lines


def _lead(lead: Data) -> list[Line]:
    n = lead["churned"]
    if not n:
        return paragraph("Lead: nobody left of whom anything was decided before.", 2)
    median = lead["median_weeks"]
    told = f"Lead: {lead['caught']}/{n} were marked before they gave notice or left"
    if median is not None:
        told += f", the median {median:g} {'week' if median == 1 else 'weeks'} before the end"
    parts = [f"{k}/{n} by {weeks} weeks or more" for weeks, k in lead["at_least"]]
    missed = f"Missed: {lead['missed']}/{n}"
    missed += f", {lead['after_notice']} of them marked only after notice" if lead["after_notice"] else ""
    return [*paragraph(f"{told}; {', '.join(parts)}.", 2), *paragraph(f"{missed}.", 2)]


def _survival(data: Data) -> list[Line]:
    curves = [each for each in data["survival"] if each["after_weeks"]]
    if not curves:
        return []
    heads = "".join(fit_right(f"{week} weeks", 18) for week in (4, 8, 13))
    lines: list[Line] = [(), (Piece(fit("Still there after", 20), "heading"), Piece(heads, "dim"))]
    for each in curves:
        at = {week: _still(share, low, high) for week, share, low, high in each["after_weeks"]}
        told = "".join(fit_right(at.get(week, NONE), 18) for week in (4, 8, 13))
        lines.append((Piece(f"  {fit(clean(each['segment']), 18)}"), Piece(told)))
    lines += paragraph(
        "Kaplan-Meier from the landmarks, where ten or more accounts were left to look at.", 2, "dim"
    )
    return lines


def _together(data: Data) -> list[Line]:
    said = []
    rank, link = data["log_rank"], data["association"]
    if rank and rank["p"] is not None:
        said.append(f"log-rank {rank['statistic']:.1f} on {rank['df']} df, {_p(rank['p'])}")
    if link:
        told = f", {_p(link['p'])}" if link["p"] is not None else ", too few left for a p-value"
        said.append(f"Cramér's V {link['cramers_v']:.2f}{told}")
    lines = paragraph(f"Do segments and leaving go together: {'; '.join(said)}.", 2) if said else []
    return [*lines, *_calibration(data), *_people(data)]


def _calibration(data: Data) -> list[Line]:
    held = data["calibration"]
    if not held:
        return []
    skill = 1 - held["brier"] / held["brier_of_one_rate"]
    told = f"foretold by the earlier half of the landmarks, the later one is {100 * abs(skill):.0f} %"
    verdict = "better" if skill > 0 else "worse"
    return paragraph(f"Do rates last: {told} {verdict} than by one rate for all (Brier).", 2)


def _people(data: Data) -> list[Line]:
    """What people did; said beside each other, for who is called is no random choice."""
    lines: list[Line] = []
    said, done = data["overridden"], data["answered"]
    if said:
        put_in, taken_out = of_share(said["put_in"]), of_share(said["taken_out"])
        lines += paragraph(f"Overrides: put into risk {put_in} left in 26 weeks, taken out {taken_out}.", 2)
    if done:
        told = f"with one {of_share(done['played'])} left, without {of_share(done['not_played'])}"
        lines += paragraph(
            f"Entries into risk by whether an intervention followed within six weeks: {told}, in the 20 "
            "weeks after. Who is called is no choice by lot: this says nothing about what calls do.",
            2,
        )
    return lines


def _stability(data: Data) -> list[Line]:
    made, unit = data["stability"], data["unit"]
    years = made["account_years"]
    lines: list[Line] = [(), _heading("How steady")]
    if years > 0:
        moves, bounces = made["moves"] / years, made["bounces"] / years
        restless = f"{made['restless']}/{number(made['accounts'])} accounts move more than 4 times a year"
        told = f"{moves:.1f} moves and {bounces:.1f} bounces (a second move within four weeks)"
        lines += paragraph(f"{told} per account-year; {restless}.", 2)
    stays = [
        f"{clean(stay['segment'])} {stay['median_periods']}"
        for stay in made["stays"]
        if stay["median_periods"] is not None
    ]
    if stays:
        lines += paragraph(f"Median stay in {unit}s: {', '.join(stays)}.", 2)
    moved = data["drift"]
    if moved:
        verdict = "the mix has shifted" if moved["psi"] > moved["limit"] else "no shift shown"
        lines += paragraph(
            f"Mix of segments since {_day(moved['before'])}: PSI {moved['psi']:.3f}, limit for so "
            f"many accounts {moved['limit']:.3f}: {verdict}.",
            2,
        )
    return lines


def _advice(data: Data) -> list[Line]:
    if data["refused"]:
        return []
    lines: list[Line] = [(), _heading("What to make of it")]
    for each in data["advice"]:
        names = " and ".join(clean(name) for name in each["segments"])
        lines += paragraph(f"{names}: {each['says']}", 2, "warn" if each["kind"] == "look" else "plain")
    return [*lines, *paragraph(NO_CAUSE, 2, "dim")]


def _heading(text: str, remark: str = "") -> Line:
    return (Piece(text, "heading"), Piece(fit_right(remark, WIDTH - cells(text)), "dim"))


def of_share(share: Data) -> str:
    """12/60 (20 %, 12–32 %); without the rate where it is none."""
    told = f"{share['k']}/{number(share['n'])}"
    if not share["n"]:
        return told
    rate = "" if share["rate"] is None else f"{of_all(share['rate'])}, "
    return f"{told} ({rate}{interval(share)})"


def interval(share: Data) -> str:
    return f"{100 * share['low']:.0f}–{100 * share['high']:.0f} %"


def _still(share: float, low: float | None, high: float | None) -> str:
    return of_all(share) if low is None else f"{of_all(share)} {interval({'low': low, 'high': high})}"


def of_all(value: float) -> str:
    return "100 %" if value == 1 else f"{100 * value:.1f} %"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _day(iso: str) -> str:
    return day(date.fromisoformat(iso))


def paragraph(text: str, indent: int, role: Role = "plain", hang: int = 2) -> list[Line]:
    # A sign stays with its number.
    parts: Sequence[str] = wrap(text.replace(" %", f"{KEEP}%"), WIDTH - indent - hang)
    return [(Piece(" " * (indent + hang * (i > 0)) + part, role),) for i, part in enumerate(parts)]
