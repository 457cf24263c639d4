"""What strangers write is text wherever it is shown: in a page, on a terminal, in a log of a pull request."""

from __future__ import annotations

import io
import re
from functools import cache

import polars as pl
import pytest

from segkit.cli.findings import annotation
from segkit.cli.problems import render
from segkit.cli.terminal import show_lines
from segkit.errors import Place, Problem
from segkit.reports import lay_out, plain, summary, to_bytes
from tests.reports.test_page import Marks, report, screen
from tests.security.corpus import XSS, here, naughty

BATCH = 60
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Escape sequences begin with these, or text changes its direction."""


@cache
def bare() -> Marks:
    return Marks(report("Plain Name"))


@here
def test_no_name_adds_an_element_or_an_attribute_to_the_page() -> None:
    signs = [text for text in naughty() if set(text) & set("<>&\"'`{}")]
    for at in range(0, len(signs), BATCH):
        found = Marks(report(" ".join(signs[at : at + BATCH])))
        # Sentences are lists where they hold several: as many as there are semicolons.
        assert {**found.tags, "li": 0} == {**bare().tags, "li": 0}
        assert found.values == bare().values
        assert not STEERS.search("".join(found.texts))


@pytest.mark.parametrize("attack", XSS)
def test_each_attack_alone_adds_none_either(attack: str) -> None:
    found = Marks(report(attack))
    assert (found.tags, found.values) == (bare().tags, bare().values)


@here
@pytest.mark.parametrize("kind", ["table", "md"])
def test_no_name_steers_a_terminal_through_a_table(kind: str) -> None:
    text = to_bytes(pl.DataFrame({"name": naughty(), "n": range(515)}), kind, name="rows").decode()
    assert not STEERS.search(text)
    assert len(text.splitlines()) == 515 + (2 if kind == "md" else 1)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@here
def test_no_name_steers_a_terminal_through_the_first_screen_or_the_summary(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = screen("".join(text for text in naughty() if STEERS.search(text)))
    assert not STEERS.search(plain(lay_out(shown)))
    assert not STEERS.search(summary(shown))
    out = Terminal()
    show_lines(lay_out(shown), out)
    # Our own colours and nothing else.
    assert not STEERS.search(re.sub("\x1b\\[[0-9;]*m", "", out.getvalue()))


@here
def test_markup_in_a_name_is_no_markup() -> None:
    out = Terminal()
    lines = lay_out(screen("[bold]x[/bold] [/red] :smile: [link=http://x]"))
    show_lines(lines, out)
    text = re.sub("\x1b\\[[0-9;]*m", "", out.getvalue())
    assert "[bold]x[/bold] [/red] :smile:" in text


@here
def test_no_text_begins_an_annotation_of_its_own() -> None:
    begun = ("x\n::error file=a::b", "x\r::warning::y", "x%0A::error::y", "::stop-commands::t")
    for said in (*naughty(), *begun):
        problem = Problem("D102", said, Place(said, 1, 1, said), said)
        assert len(annotation(problem).splitlines()) == 1
        assert annotation(problem).startswith("::error ")
        assert not any(line.startswith("::") for line in render(problem).splitlines()[1:])
        assert not STEERS.search(render(problem))
