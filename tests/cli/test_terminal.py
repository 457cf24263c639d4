"""What only a terminal sees."""

from __future__ import annotations

import io
import sys
import time

import pytest

from segkit.cli import terminal
from segkit.cli.terminal import busy, show_lines
from segkit.reports import Piece


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "quiet", "term", "said"),
    [
        (Terminal, False, "xterm", True),
        (Terminal, True, "xterm", False),
        (Terminal, False, "dumb", False),
        (io.StringIO, False, "xterm", False),
    ],
)
def test_that_work_goes_on_is_said_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], quiet: bool, term: str, said: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys, "stderr", stream())
    monkeypatch.setattr(terminal, "_SOON", 0.0)
    with busy(quiet):
        time.sleep(0.1)
    assert ("Reading the exports" in sys.stderr.getvalue()) is said  # type: ignore[attr-defined]


@pytest.mark.parametrize(("variable", "colour"), [("NO_COLOR", False), ("OTHER", True)])
def test_colour_is_left_out_where_it_is_not_wanted(
    monkeypatch: pytest.MonkeyPatch, variable: str, colour: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(variable, "1")
    out = Terminal()
    show_lines([(Piece("fine", "good"),)], out)
    assert ("\x1b[32m" in out.getvalue()) is colour
    assert "fine" in out.getvalue()


def test_a_file_or_pipe_gets_plain_text() -> None:
    out = io.StringIO()
    show_lines([(Piece("fine", "good"), Piece("  "))], out)
    assert out.getvalue() == "fine\n"
