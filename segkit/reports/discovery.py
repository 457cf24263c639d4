"""What tells who leaves, as lines of 80 cells, laid out from what stands in discovery.json."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from segkit.reports.evaluation import interval, paragraph
from segkit.reports.first.layout import WIDTH, Line, Piece, Role, title
from segkit.reports.words import cells, clean, day, fit, fit_right, listed, number, plural, shorten
from segkit.ruleset.printing import format_number, format_percent

Data = Mapping[str, Any]
SHOWN, NAMES = 8, 6
NAME = 34
NO_CAUSE = (
    "Who leaves differs in much that causes nothing: to make accounts use a feature need not keep them. "
    "k/n counts accounts at landmarks; an account may stand at several, its end only at one."
)


def lay_out_discovery(data: Data, where: str, workspace: str) -> list[Line]:
    """`data` as discovery.json holds it; `where` its folder lies; `workspace` as it was named, or empty."""
    right = f"discovery · outcomes to {_day(data['outcomes_until'])}"
    lines = [*title(data["workspace"], right), *_basis(data), *_findings(data)]
    lines += [*_same(data), *_groups(data), *_proposals(data, where, workspace), ()]
    lines += paragraph(NO_CAUSE, 0, "dim")
    return [*lines, *paragraph(f"Results: {where}/ (findings.csv, discovery.json)", 0, "dim")]


def _basis(data: Data) -> list[Line]:
    if data["refused"]:
        return [
            (Piece("  Nothing is said of who leaves", "warn"),),
            *paragraph(f"{data['refused']['why']}.", 2),
            *paragraph(f"→ {data['refused']['hint']}", 2),
        ]
    left, begun = data["left"], data["starters"]
    lines = paragraph(
        f"{plural(len(data['landmarks']), 'landmark')}: of {number(left['n'])} accounts at them {left['k']} "
        "left in the 13 weeks after the next one.",
        2,
    )
    seen = (
        f"{plural(begun['n'], 'account')} seen from the first day on and still there after "
        f"{data['within_days']} days: {begun['k']} left in the half year after the next week"
        if begun["n"]
        else "Not asked about features: no account is seen from its first day on and for half a year more"
    )
    lines += paragraph(f"{seen}.", 2)
    asked = f"Asked: {plural(data['asked'], 'question')} about {plural(data['metrics'], 'metric')}"
    asked += f" and {plural(data['features'], 'feature')}" if data["features"] else ""
    few = f"; {data['too_few']} more not, for fewer than 20 left" if data["too_few"] else ""
    return [*lines, *paragraph(f"{asked}, all judged together{few}.", 2)]


def _findings(data: Data) -> list[Line]:
    if data["refused"]:
        return []
    found = [each for each in data["answers"] if each["found"]]
    heads = f"{fit_right('left/of', 11)}{fit_right('others', 12)}   times (95 %)"
    lines: list[Line] = [(), (Piece(fit("What tells who leaves", NAME + 2), "heading"), Piece(heads, "dim"))]
    if not found:
        said = (
            "Nothing is shown to tell: no difference holds against all that was asked."
            if data["asked"]
            else "Too few to tell: under 20 accounts left, so nothing was asked."
        )
        return [*lines, *paragraph(said, 2, "warn")]
    behind = _behind(data)
    shown = [each for each in found if each["name"] not in behind]
    for each in shown[:SHOWN]:
        lines += _finding(each, data)
    more = len(found) - len(shown[:SHOWN])
    if more:
        lines += paragraph(f"{more} more in findings.csv: weaker, or of metrics that say the same.", 2, "dim")
    return lines


def _finding(each: Data, data: Data) -> list[Line]:
    share, rest, ratio = each["share"], each["rest"], each["ratio"]
    role: Role = "warn" if share["k"] * rest["n"] > rest["k"] * share["n"] else "good"
    counts = f"{fit_right(_k(share), 11)}{fit_right(_k(rest), 12)}"
    times = f"{ratio['ratio']:.1f} ({ratio['low']:.1f}–{ratio['high']:.1f})" if ratio else "too few for it"
    halves = [f"{_k(one)} and {_k(other)}" for one, other in (each["earlier"], each["later"])]
    return [
        (Piece(f"  {fit(question(each, data), NAME)}"), Piece(f"{counts}   {times}", role)),
        *paragraph(
            f"left {interval(share)} and {interval(rest)}; earlier {halves[0]}, later {halves[1]}",
            4,
            "dim",
        ),
    ]


def question(each: Data, data: Data) -> str:
    """logins_28d at most 3; api not used"""
    name = clean(each["name"])
    if each["side"] == "without":
        return f"{shorten(name, NAME - 9)} not used"
    return f"{name} {_limit(each['side'] == 'high', each['limit'], data['units'][each['name']])}"


def _limit(at_least: bool, value: float, unit: str) -> str:
    told = format_percent(value) if unit == "share" else format_number(value)
    return f"{'at least' if at_least else 'at most'} {told}"


def _behind(data: Data) -> set[str]:
    return {other for each in data["alike"] for other, _ in each["others"]}


def _same(data: Data) -> list[Line]:
    if not data["alike"]:
        return []
    lines: list[Line] = [(), (Piece("Metrics that say the same", "heading"),)]
    for each in data["alike"]:
        others = [f"{clean(name)} ({together:.2f})" for name, together in each["others"]]
        lines += paragraph(f"{clean(each['name'])}: {listed(others, NAMES)}", 2)
    return [*lines, *paragraph("Rank correlation of 0.9 or more: a rule needs but one of them.", 2, "dim")]


def _groups(data: Data) -> list[Line]:
    told = data["grouping"]
    lines: list[Line] = [(), (Piece("Natural groups of behaviour", "heading"),)]
    if told is None:
        return [*lines, *paragraph(f"Not looked for: this needs scikit-learn. {data['groups_need']}", 2)]
    if not told["groups"]:
        lines += paragraph(f"None that can be relied on: {told['why']}.", 2)
    else:
        size = len(told["groups"])
        same = dict(told["stability"])[size]
        spread = f"spread within them {told['spread']:.2f}, in clouds {told['cloud']:.2f} or more"
        lines += paragraph(
            f"{size} groups of {plural(told['accounts'], 'account')}: {told['why']} (adjusted Rand "
            f"{same:.2f}; {spread}).",
            2,
        )
        for place, group in enumerate(told["groups"], start=1):
            limits = [
                f"{each['name']} {_limit(each['at_least'], each['value'], data['units'][each['name']])}"
                for each in group["limits"]
            ]
            said = f"{' and '.join(limits)} ({group['both']} of them, {group['met']} in all)"
            lines += paragraph(f"{place}: {plural(group['accounts'], 'account')}; nearly {said}", 2)
    if told["stability"]:
        rand = ", ".join(f"{size} groups {same:.2f}" for size, same in told["stability"])
        lines += paragraph(f"Looked at {listed(told['metrics'], NAMES)}. Adjusted Rand: {rand}.", 2, "dim")
    return lines


def _proposals(data: Data, where: str, workspace: str) -> list[Line]:
    if not data["proposals"]:
        return []
    lines: list[Line] = [(), (Piece("To try, as flags that move nobody", "heading"),)]
    for each in data["proposals"]:
        lines += [(Piece(cut, "plain"),) for cut in _shown(each["entry"])]
        command = shlex.join(
            ["segkit", "compare", f"{where}/{each['rules']}", *([workspace] if workspace else [])]
        )
        # Whole and in one line, however long: it is there to be copied.
        lines.append((Piece(f"  → {clean(command)}", "name"),))
    return lines


def _shown(entry: str) -> Sequence[str]:
    """Lines of YAML; a long text goes on in the next line, as YAML folds it."""
    found = []
    for line in entry.splitlines():
        line = clean(line)
        indent = " " * (len(line) - len(line.lstrip(" -")) + 2)
        while cells(line) > WIDTH - 2 and " " in line[len(indent) : WIDTH - 2]:
            at = line.rindex(" ", len(indent), WIDTH - 2)
            found.append(f"  {line[:at]}")
            line = indent + line[at + 1 :]
        found.append(f"  {line}")
    return found


def _k(share: Data) -> str:
    return f"{share['k']}/{number(share['n'])}"


def _day(iso: str) -> str:
    return day(date.fromisoformat(iso))
