"""Two rule sets side by side, as lines of 80 cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from segkit.reports.evaluation import paragraph
from segkit.reports.first.layout import WIDTH, Line, Piece
from segkit.reports.words import cells, clean, day, fit, fit_right, number, plural, wrap
from segkit.ruleset.model import FLAGS, MAIN

Rows = Sequence[Mapping[str, Any]]

CHANGES, MOVES, NAMES = 8, 8, 8
"""Lines of each part; all of it lies in the folder."""


def lay_out_comparison(told: Mapping[str, Any], results: str) -> list[Line]:
    """`told`: the content of comparison.json. `results`: where it lies, as people may open it."""
    same = [(), (Piece("Both rule sets decide alike in every week.", "good"),)] if told["same"] else []
    return [
        *_title(told),
        *_rules(told),
        *same,
        *_segments(told),
        *_moves(told),
        *_weeks(told),
        *_outcomes(told),
        *_accounts(told),
        (),
        (Piece(f"Results: {results}/ (accounts.csv, causes.csv and more)", "dim"),),
    ]


def _title(told: Mapping[str, Any]) -> list[Line]:
    left = fit(f"{clean(told['workspace'])}: old rules against new", 44).rstrip()
    periods = told["periods"]
    when = f"{plural(periods['decided'], periods['unit'])} to {_day(told['as_of'])}"
    return [
        (Piece(left, "title"), Piece(fit_right(when, WIDTH - cells(left)), "dim")),
        (Piece("─" * WIDTH, "dim"),),
    ]


def _rules(told: Mapping[str, Any]) -> list[Line]:
    rules = told["rules"]
    lines: list[Line] = [_heading("Rules", " → ".join(_file(rules[side]["path"]) for side in ("old", "new")))]
    changes = [clean(each) for each in rules["changes"]] or ["nothing that decides is changed"]
    for change in changes[:CHANGES]:
        first, *more = wrap(change, WIDTH - 4)
        lines += [(Piece(f"  {first}"),), *((Piece(f"    {line}"),) for line in more)]
    return [*lines, *_more(len(changes) - CHANGES, "change")]


def _file(path: str) -> str:
    """A path in the workspace as it is; of one elsewhere the name says enough."""
    return clean(Path(path).name if Path(path).is_absolute() else path)


def _segments(told: Mapping[str, Any]) -> list[Line]:
    arr = told["currency"]
    head = fit("Segments today", 26)
    titles = _columns("old", "new", "", *(("ARR old", "ARR new", "") if arr else ()))
    lines: list[Line] = [(), (Piece(head, "heading"), Piece(titles, "dim"))]
    for row in told["sizes"]:
        if row["dimension"] != MAIN or (row["segment"] == "unknown" and not (row["old"] or row["new"])):
            continue
        said = [number(row["old"]), number(row["new"]), _signed(row["new"] - row["old"])]
        if arr:
            change = _signed(row["arr_new"] - row["arr_old"])
            said += [number(row["arr_old"]), number(row["arr_new"]), change]
        lines.append((Piece(f"  {fit(row['segment'], 24)}", "name"), Piece(_columns(*said))))
    return lines


def _columns(*said: str) -> str:
    widths = (8, 8, 7, 11, 11, 9)
    return "".join(fit_right(text, width) for text, width in zip(said, widths, strict=False))


def _moves(told: Mapping[str, Any]) -> list[Line]:
    accounts = sum(row["old"] for row in told["sizes"] if row["dimension"] == MAIN)
    differ = sum(row["accounts"] for row in told["moves"])
    lines: list[Line] = [
        (),
        _heading("Who is elsewhere today", f"{number(differ)} of {plural(accounts, 'account')}"),
    ]
    if not differ:
        lines.append((Piece("  Nobody.", "good"),))
    for row in told["moves"][:MOVES]:
        move = fit(f"  {_label(row['old'])} → {_label(row['new'])}", 40)
        worth = f"{number(row['arr'])} ARR" if told["currency"] else ""
        said = fit_right(plural(row["accounts"], "account"), 12) + fit_right(worth, 14)
        lines.append((Piece(move, "move"), Piece(said), Piece(f"  {row['cause'] or ''}", "dim")))
    lines += _more(len(told["moves"]) - MOVES, "other move")
    others = Counter(row["dimension"] for row in told["accounts"] if row["dimension"] != MAIN)
    if others:
        counted = (f"{FLAGS if name == FLAGS else name} {number(n)}" for name, n in sorted(others.items()))
        lines += [
            (Piece(f"  {line}", "dim"),) for line in wrap(f"Elsewhere: {', '.join(counted)}", WIDTH - 2)
        ]
    return lines


def _weeks(told: Mapping[str, Any]) -> list[Line]:
    weeks, unit = told["weeks"], told["periods"]["unit"]
    lines: list[Line] = [
        (),
        (Piece(fit(f"Every {unit}", 34), "heading"), Piece(_pair("old", "new", ""), "dim")),
    ]
    for what, name in (("moves", "moves"), ("bounces", "bounces"), ("opened", "new tasks")):
        old, new = (sum(week[f"{what}_{side}"] for week in weeks) for side in ("old", "new"))
        lines.append(_counts(f"{name} in all", old, new))
        before, after = (f"{total / len(weeks):.2f}" for total in (old, new))
        lines.append(_both(f"{name} a {unit}", before, after))
    lines.append(_counts("open tasks today", *(weeks[-1][f"tasks_{side}"] for side in ("old", "new"))))
    most = max(weeks, key=lambda week: (week["differ"], week["as_of"]))
    if most["differ"]:
        some = sum(1 for week in weeks if week["differ"])
        said = f"{plural(some, unit)} with a difference, most on {_day(most['as_of'])}: "
        lines.append((Piece(f"  {said}{plural(most['differ'], 'account')}", "dim"),))
    return lines


def _counts(what: str, old: int, new: int) -> Line:
    return _both(what, number(old), number(new), _signed(new - old))


def _both(what: str, old: str, new: str, change: str = "") -> Line:
    return (Piece(f"  {fit(what, 32)}"), Piece(_pair(old, new, change)))


def _outcomes(told: Mapping[str, Any]) -> list[Line]:
    """Counts, never rates: who wrote the new rules may have known how it ended."""
    found = told["outcomes"]
    if found["refused"]:
        said = f"Nothing is said of them: {found['refused']['why']}."
        return [(), _heading("Who left", ""), *paragraph(said, 2, "dim")]
    titles = Piece(_pair("old", "new", ""), "dim")
    lines: list[Line] = [(), (Piece(fit("Who left", 34), "heading"), titles)]
    sides = found["old"], found["new"]
    leads = [side["lead"] for side in sides]
    lines.append(
        _shares("marked before notice or end", [(each["caught"], each["churned"]) for each in leads])
    )
    lines.append(_shares("missed", [(each["missed"], each["churned"]) for each in leads]))
    for place, (weeks, _) in enumerate(leads[0]["at_least"]):
        shares = [(each["at_least"][place][1], each["churned"]) for each in leads]
        lines.append(_shares(f"marked {weeks} weeks before or more", shares))
    medians = ["–" if each["median_weeks"] is None else f"{each['median_weeks']:g}" for each in leads]
    lines.append(_both("median weeks before the end", *medians))
    entered = [(side["episodes"]["right"], side["episodes"]["entries"]) for side in sides]
    lines.append(_shares("right entries into risk", entered))
    return [*lines, *paragraph(_read(found), 2, "dim")]


def _shares(what: str, shares: Sequence[tuple[int, int]]) -> Line:
    (old, _), (new, _) = shares
    before, after = (f"{k}/{number(n)}" for k, n in shares)
    return _both(what, before, after, _signed(new - old))


def _read(found: Mapping[str, Any]) -> str:
    """What risk means, who was caught by one alone, and how much that says."""
    risks = [", ".join(clean(name) for name in found[side]["risk"]) for side in ("old", "new")]
    risk = risks[0] if risks[0] == risks[1] else f"{risks[0]} in the old rules, {risks[1]} in the new"
    only_new, only_old = found["only_new"], found["only_old"]
    alone = f"Marked in time by the new rules alone: {only_new}, by the old alone: {only_old}"
    if not only_new + only_old:
        alone = "Both rule sets marked the same ones in time."
    else:
        alone += "; too few to say that either catches more." if found["too_few"] else "."
    said = f"Risk means {risk}. {alone}"
    return f"{said} All of it after the fact: who wrote the rules may have known who left."


def _pair(old: str, new: str, change: str) -> str:
    return f"{fit_right(old, 12)}{fit_right(new, 12)}{fit_right(change, 10)}"


def _accounts(told: Mapping[str, Any]) -> list[Line]:
    rows = [row for row in told["accounts"] if row["dimension"] == MAIN]
    if not rows:
        return []
    lines: list[Line] = [(), _heading("First condition that made the difference", "largest ARR first")]
    for row in rows[:NAMES]:
        move = f" {_label(row['old'])} → {_label(row['new'])} since {_day(row['since'])}"
        name = fit(clean(row["name"] or row["account_id"]), WIDTH - 2 - cells(move)).rstrip()
        lines.append((Piece(f"  {name}", "name"), Piece(move)))
        by = {"old": "old rules: ", "new": "new rules: ", "both": ""}[row["moved_by"]]
        said = wrap(clean(f"{by}{row['first_because'] or 'nothing is said'}"), WIDTH - 4)
        lines += [(Piece(f"    {line}", "dim"),) for line in said[:3]]
    return [*lines, *_more(len(rows) - NAMES, "account")]


def _heading(text: str, remark: str) -> Line:
    short = remark if cells(text) + cells(remark) < WIDTH else remark[-(WIDTH - cells(text) - 1) :]
    return (Piece(text, "heading"), Piece(fit_right(short, WIDTH - cells(text)), "dim"))


def _more(count: int, what: str) -> list[Line]:
    return [(Piece(f"  and {plural(count, what)} more", "dim"),)] if count > 0 else []


def _label(label: str | None) -> str:
    return label or "none"


def _signed(value: float) -> str:
    return f"{value:+,.0f}" if round(value) else ""


def _day(iso: str) -> str:
    return day(date.fromisoformat(iso))
