"""How the tests went: lines for the terminal, JUnit for a CI system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from segkit.reports.first.layout import WIDTH, Line, Piece
from segkit.reports.ruletests.coverage import Covered
from segkit.reports.ruletests.noticing import Boundaries
from segkit.reports.ruletests.verdicts import Difference, Verdict
from segkit.reports.words import cells, clean, fit, fit_right, plural, share, wrap

MISSING = 12
"""Gaps of one segment that are named."""
TITLES = ("entered", "left", "conditions", "limits")


def lines(verdicts: Sequence[Verdict], unit: str) -> list[Line]:
    """Failed cases with what differs, then how many passed; 80 cells."""
    found: list[Line] = []
    for verdict in verdicts:
        if not verdict.passed:
            found += [*_failed(verdict, unit), ()]
    passed = sum(verdict.passed for verdict in verdicts)
    said = f"{passed} of {plural(len(verdicts), 'test')} passed."
    return [*found, (Piece(said, "good" if passed == len(verdicts) else "warn"),)]


def _failed(verdict: Verdict, unit: str) -> list[Line]:
    where = f"line {verdict.case.where.line}"
    name = fit(f"FAILED {clean(verdict.case.name)}", WIDTH - cells(where) - 1).rstrip()
    found: list[Line] = [(Piece(name, "warn"), Piece(fit_right(where, WIDTH - cells(name)), "dim"))]
    for each in verdict.differences:
        first, *more = wrap(clean(_said(each, unit)), WIDTH - 4)
        found += [(Piece(f"  {first}"),), *((Piece(f"    {line}"),) for line in more)]
        if each.why:
            found += [(Piece(f"    {line}", "dim"),) for line in wrap(clean(each.why), WIDTH - 4)]
    return found


def _said(each: Difference, unit: str) -> str:
    when = f"{unit} {each.first}" if each.first == each.last else f"{unit}s {each.first} to {each.last}"
    return f"{each.subject}, {when}: {each.expected} expected, {each.found} found"


def coverage_lines(found: Sequence[Covered], limits: Mapping[str, Boundaries] | None) -> list[Line]:
    """How much of each segment is tried, and what is not; 80 cells. `limits` None: a test fails."""
    told: list[Line] = [(), (Piece(fit("Coverage", 30), "heading"), Piece(_columns(*TITLES), "dim"))]
    for each in found:
        near = Boundaries(0, ()) if limits is None else limits[each.segment]
        marks = ("yes" if each.entered else "no", "yes" if each.left else "no")
        counts = (_of(each.tried, each.branches), _of(near.planted - len(near.unnoticed), near.planted))
        told.append((Piece(f"  {fit(each.segment, 28)}", "name"), Piece(_columns(*marks, *counts))))
        gaps = [gap for gap in each.missing if ":" in gap]
        gaps += [f"no test would notice: {fault}" for fault in near.unnoticed]
        for gap in gaps[:MISSING]:
            told += [(Piece(f"    {line}", "dim"),) for line in wrap(gap, WIDTH - 4)]
        if len(gaps) > MISSING:
            told.append((Piece(f"    and {len(gaps) - MISSING} more", "dim"),))
    rules = sum(each.rules for each in found)
    tried, branches = sum(each.tried for each in found), sum(each.branches for each in found)
    known = () if limits is None else limits.values()
    planted = sum(near.planted for near in known)
    noticed = planted - sum(len(near.unnoticed) for near in known)
    parts = (("Rules", rules, 2 * len(found)), ("conditions", tried, branches), ("limits", noticed, planted))
    said = ", ".join(f"{what} {n} of {of} ({share(n / of)})" for what, n, of in parts if of)
    said += "." if limits is not None else ". Limits are tried once every test passes."
    return [*told, *((Piece(line),) for line in wrap(said, WIDTH))]


def _columns(entered: str, left: str, conditions: str, limits: str) -> str:
    return f"{fit_right(entered, 9)}{fit_right(left, 7)}{fit_right(conditions, 16)}{fit_right(limits, 16)}"


def _of(tried: int, of: int) -> str:
    return f"{tried} of {of}" if of else "none"


def junit(verdicts: Sequence[Verdict], suite: str, unit: str) -> str:
    """One test case each, as CI systems read it."""
    failed = sum(not verdict.passed for verdict in verdicts)
    counts = f'tests="{len(verdicts)}" failures="{failed}" errors="0" skipped="0"'
    head = f"<testsuite name={quoteattr(suite)} {counts}>"
    told = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", head]
    for verdict in verdicts:
        case = verdict.case
        place = f'file={quoteattr(case.where.path)} line="{case.where.line}"'
        opening = f"<testcase classname={quoteattr(suite)} name={quoteattr(clean(case.name))} {place}"
        if verdict.passed:
            told.append(f"{opening}/>")
            continue
        said = "\n".join(
            f"{_said(each, unit)}{f'; {each.why}' if each.why else ''}" for each in verdict.differences
        )
        message = quoteattr(_said(verdict.differences[0], unit))
        told.append(f"{opening}><failure message={message}>{escape(clean_lines(said))}</failure></testcase>")
    return "\n".join([*told, "</testsuite>", "</testsuites>", ""])


def clean_lines(text: str) -> str:
    """Without signs that XML does not allow."""
    return "\n".join(clean(line) for line in text.split("\n"))
