"""Exports are written by strangers: no formula, no escape sequence and no link of theirs takes effect."""

from __future__ import annotations

import io
import os
import zipfile
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from segkit.cli.terminal import write_data
from tests.cli.command import segkit
from tests.runs.small import ACCOUNTS, tree, write

FORMULA = '=HYPERLINK("http://x";"y")'
ESCAPE = "\x1b]0;owned\x07\x1b[31mAcme\u202e"


def named(name: str) -> str:
    return ACCOUNTS.replace("A,Acme", f"A,{name}")


@pytest.mark.parametrize("where", ["published", "stdout", "a file of its own"])
def test_a_formula_in_a_name_is_text_in_every_csv(tmp_path: Path, where: str) -> None:
    write(tmp_path, accounts=named('"' + FORMULA.replace('"', '""') + '"'))
    done = segkit("assign", "-q", tmp_path, "-o", "-" if where == "stdout" else tmp_path / "mine.csv")
    assert done.returncode == 0, done.stderr
    text = {
        "published": (tmp_path / "out/latest/assignments.csv").read_text(),
        "stdout": done.stdout,
        "a file of its own": (tmp_path / "mine.csv").read_text() if where == "a file of its own" else "",
    }[where]
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text
    assert ',"=HYPERLINK' not in text


def test_a_formula_in_a_refused_row_is_text_too(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "exports/usage_11.csv").open("a") as file:
        file.write("=1+1,A,click\n")
    assert segkit("assign", "-q", tmp_path).returncode == 0
    row = (tmp_path / "out/latest/rejected/usage.csv").read_text().splitlines()[1]
    assert "=1+1" in row
    assert ",=1+1" not in row
    assert ',"=1+1' not in row


def test_a_formula_in_a_workbook_is_a_text_cell(tmp_path: Path) -> None:
    write(tmp_path)
    assert segkit("assign", "-q", tmp_path, "-o", tmp_path / "mine.xlsx").returncode == 0
    with zipfile.ZipFile(tmp_path / "mine.xlsx") as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
        assert "=Cosmo" in book.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("output", [[], ["-o", "-", "--format", "md"], ["-o", "-", "--format", "table"]])
def test_an_escape_sequence_in_a_name_never_reaches_a_terminal(tmp_path: Path, output: list[str]) -> None:
    done = segkit("assign", write(tmp_path, accounts=named(ESCAPE)), *output)
    assert done.returncode == 0, done.stderr
    assert "Acme" in done.stdout
    assert not set("\x1b\x07\u202e") & set(done.stdout + done.stderr)


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("terminal", [True, False])
def test_data_are_byte_for_byte_but_on_a_terminal(terminal: bool) -> None:
    out = (Terminal if terminal else io.TextIOWrapper)(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        write_data(f"name\n{ESCAPE}é\n".encode())
    shown = "name\n]0;owned[31mAcmeé\n" if terminal else f"name\n{ESCAPE}é\n"
    assert out.buffer.getvalue().decode() == shown  # type: ignore[attr-defined]


def test_an_escape_sequence_in_a_faulty_file_never_reaches_a_terminal(tmp_path: Path) -> None:
    write(tmp_path, accounts=f"{ESCAPE},name\nA,Acme\n")
    done = segkit("assign", tmp_path)
    assert done.returncode == 4
    assert not set("\x1b\x07\u202e") & set(done.stderr)


def test_an_escape_sequence_in_a_rule_never_reaches_a_terminal(tmp_path: Path) -> None:
    write(tmp_path)
    rules = (tmp_path / "rules.yaml").read_text()
    (tmp_path / "rules.yaml").write_text(rules.replace("events_7d under 3", "events_7d und\x9b31mer 3", 1))
    done = segkit("check", "rules", tmp_path)
    assert done.returncode == 1
    assert not set("\x1b\x9b") & set(done.stderr)


def test_a_link_at_the_file_asked_for_is_replaced_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "ws")
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "mine.csv").symlink_to(tmp_path / "precious")
    assert segkit("assign", "-q", tmp_path / "ws", "-o", tmp_path / "mine.csv").returncode == 0
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (tmp_path / "mine.csv").is_symlink()


def test_a_link_at_head_or_latest_is_replaced_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "ws")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").write_text("mine")
    (tmp_path / "ws/out").mkdir()
    (tmp_path / "ws/out/latest").symlink_to(tmp_path / "precious")
    assert segkit("assign", "-q", tmp_path / "ws").returncode == 0
    assert tree(tmp_path / "precious") == {"file": b"mine"}
    assert (tmp_path / "ws/out/latest/run.json").is_file()


def test_a_link_at_the_lock_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "ws")
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "ws/state").mkdir()
    (tmp_path / "ws/state/lock").symlink_to(tmp_path / "precious")
    done = segkit("assign", "-q", tmp_path / "ws")
    assert done.returncode == 5
    assert "I102" in done.stderr
    assert (tmp_path / "precious").read_text() == "mine"


@pytest.mark.parametrize("place", ["/dev/fd/1", "/proc/self/fd/1", "pipe", "link to a device", "."])
def test_what_is_no_file_is_never_written_over(tmp_path: Path, place: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link to a device").symlink_to("/dev/null")
    done = segkit("assign", write(tmp_path), "-o", place, cwd=tmp_path)
    assert done.returncode == 2
    assert "S155" in done.stderr
    assert "- is stdout" in done.stderr
    assert not (tmp_path / "out").exists()
