"""Stderr is lent out while Polars may panic, and comes back whoever leaves first."""

from __future__ import annotations

import os

import pytest

from segkit.facts.files.quiet import no_panic_text


def test_text_is_passed_on_and_a_panic_is_not(capfd: pytest.CaptureFixture[str]) -> None:
    with no_panic_text():
        os.write(2, b"disk is slow\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "disk is slow\n"
    with no_panic_text():
        os.write(2, b"thread '<unnamed>' panicked at crates/polars\n")
    assert capfd.readouterr().err == ""


def test_of_two_that_read_at_once_the_first_to_leave_does_not_take_stderr_with_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    first, second = no_panic_text(), no_panic_text()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    os.write(2, b"meanwhile\n")
    second.__exit__(None, None, None)
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "meanwhile\nafterwards\n"
