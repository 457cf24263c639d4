"""A rule set as a page: what it says can be pasted back, and nothing in it can be a mark or a script."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from segkit.periods import Calendar
from segkit.reports.described import described, markdown, page, today_of
from segkit.resources import shipped_rules
from segkit.ruleset import check_rules_text
from segkit.ruleset.model import Definitions, RuleSet
from segkit.runs.testing import rules_alone

ODD = """\
version: 3
name: odd
thresholds: {few: {default: 3, by: industry, values: {"<b>Retail</b>": 2}}}
segments:
  - name: quiet
    means: "<script>alert(1)</script> `x` | yes"
    playbook: call
    enter: 'events_7d under $few or industry is "a # b"'
    enter_after: 2 of 3 weeks
    cooldown: 2 weeks
playbooks: {call: {goal: "No: 1", steps: ["yes", "```"]}}
"""
SHIPPED = sorted(shipped_rules().parent.glob("*.yaml"))


def read(text: str) -> RuleSet:
    rules, problems = check_rules_text(
        text, calendar=Calendar(), definitions=Definitions(login="active_day"), sources=None
    )
    assert rules is not None, problems
    return rules


def pasted(text: str) -> str:
    """The rule file made of the blocks of a page, each below the key that its heading names."""
    found: dict[str, list[str]] = {}
    part = ""
    pattern = r"^## ([^\n]*)$|^(`{3,})yaml\n(.*?)^\2$"
    for heading, _, block in re.findall(pattern, text, flags=re.MULTILINE | re.DOTALL):
        part = heading or part
        if block:
            found.setdefault(part, []).append(block)
    keys = {"Segments": "segments:", "Flags": "flags:", "Playbooks": "playbooks:"}
    name, version = re.findall(r"^# Rule set (\w+), version (\d+)$", text, flags=re.MULTILINE)[0]
    [otherwise] = re.findall(r"^## Segments$.*?^\d+\. else (\w+)", text, flags=re.MULTILINE | re.DOTALL)
    told = [f"version: {version}", f"name: {name}", f"otherwise: {otherwise}"]
    for part, blocks in found.items():
        if part == "Names in these conditions":
            told += blocks
        elif part in keys:
            told += [keys[part], *(indented(block, 2) for block in blocks)]
    dimensions = [part for part in found if part.startswith("Dimension ")]
    told += ["dimensions:"] if dimensions else []
    for part in dimensions:
        told += [f"  {part.removeprefix('Dimension ')}:", *(indented(block, 4) for block in found[part])]
    return "\n".join(told)


def indented(block: str, by: int) -> str:
    return "\n".join(" " * by + line for line in block.splitlines())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_blocks_of_the_page_put_together_are_the_rule_set(path: Path) -> None:
    rules = rules_alone(path)
    again = read(pasted(markdown(described(rules, None))))
    assert again.logic == rules.logic
    assert again.playbooks == rules.playbooks
    assert [s.means for s in again.segments] == [s.means for s in rules.segments]


def test_odd_words_come_back_as_they_were_and_are_no_marks() -> None:
    rules = read(ODD)
    text = markdown(described(rules, None, "old.yaml", ["quiet, enter: <b> → *"]))
    again = read(pasted(text))
    assert (again.logic, again.playbooks) == (rules.logic, rules.playbooks)
    assert "## What changed since old.yaml\n\n- quiet, enter: \\<b\\> → \\*\n" in text
    assert "\\<script\\>alert(1)\\</script\\> \\`x\\` \\| yes" in text
    html = page(described(rules, None, "old.yaml", ["quiet, enter: <b> → *"]))
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_sizes_and_an_example_are_those_of_the_run() -> None:
    flags = "flags: [{name: late, enter: events_7d under 1}, {name: loud, enter: events_7d over 9}]\n"
    rules = read(ODD + flags)
    rows = pl.DataFrame(
        {
            "account_id": ["A", "B", "C"],
            "name": ["Ann", "Bob", None],
            "as_of": [date(2026, 11, 15)] * 3,
            "primary": ["quiet", "quiet", "needs_review"],
            "since": [date(2026, 11, 1), date(2026, 11, 8), date(2026, 11, 8)],
            "because": ["events_7d 0", "events_7d 1", ""],
            "flags": ["late; loud", "loud", None],
        }
    )
    told = described(rules, today_of(rows, rules, same_rules=False))
    text = markdown(told)
    assert "Sizes are those of 15 Nov 2026, which other rules decided: 3 accounts." in text
    assert re.findall(r"^### (late|loud) (.*)$", text, re.MULTILINE) == [("late", "(1)"), ("loud", "(2)")]
    assert "1. quiet (2)\n2. else needs_review (1)" in text
    assert "- for example Bob: events\\_7d 1" in text
    html = page(told)
    assert 'aria-label="From top to bottom: quiet, else needs_review"' in html
    assert '<bdi class="name">Bob</bdi>: events_7d 1' in html
