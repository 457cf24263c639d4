"""Progress is told by the rooms, and shown on a terminal where it takes long: nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from segkit.progress import heard_by, steps, tell

WORK = """
import time
from segkit.cli import terminal
from segkit.progress import tell
terminal._SOON = 0.1
with terminal.busy(quiet=False):
    tell("Deciding accounts", 2, 7)
    time.sleep({seconds})
print("done")
"""


def test_who_listens_hears_every_step_and_only_as_long_as_it_listens() -> None:
    heard: list[tuple[str, int, int]] = []
    with heard_by(lambda *step: heard.append(step)):
        assert list(steps("Reading", "ab")) == ["a", "b"]
        tell("Reading", 2, 2)
    tell("Reading", 3, 3)
    assert heard == [("Reading", 0, 2), ("Reading", 1, 2), ("Reading", 2, 2)]


@pytest.mark.parametrize(("seconds", "shown"), [(0.5, True), (0, False)])
def test_a_terminal_shows_the_stage_of_what_takes_long(seconds: float, shown: bool) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", WORK.format(seconds=seconds)]
    environment = {**os.environ, "TERM": "xterm"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, env=environment, check=True)
    os.close(theirs)
    said = b""
    try:
        while block := os.read(ours, 65536):
            said += block
    except OSError:
        pass  # the other end is closed
    os.close(ours)
    assert (b"Deciding accounts" in said and b"2/7" in said) == shown
    assert done.stdout == b"done\n"


def test_a_pipe_gets_no_byte_of_it() -> None:
    done = subprocess.run([sys.executable, "-c", WORK.format(seconds=0.5)], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"done\n", b"")
