"""The big list of naughty strings as names of accounts: each arrives as it is, through CSV and JSON lines."""

from __future__ import annotations

import csv
import json

import pytest

from segkit.cli.problems import render
from segkit.errors import Place, Problem
from tests.corpora.reading import CORPORA, here
from tests.facts.exports import Exports

pytestmark = here
SPACE = "".join(c for c in map(chr, range(0x3001)) if c.isspace() and c not in "\x1c\x1d\x1e\x1f")
"""White space by Unicode, which is no part of a value."""
USAGE = "at,account_id\n2026-11-02,A0\n2026-11-08,A0\n"


@pytest.fixture(scope="module")
def strings() -> list[str]:
    return json.loads((CORPORA / "blns/blns.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["accounts.csv", "accounts.jsonl"])
def test_every_string_is_a_name(exports: Exports, strings: list[str], name: str) -> None:
    with (exports.root / name).open("w", encoding="utf-8", newline="") as file:
        if name.endswith("csv"):
            csv.writer(file).writerows(
                [("account_id", "name"), *((f"A{n}", s) for n, s in enumerate(strings))]
            )
        else:
            file.writelines(
                json.dumps({"account_id": f"A{n}", "name": s}) + "\n" for n, s in enumerate(strings)
            )
    exports.write("usage.csv", USAGE)
    loaded = exports.load({"usage": {"files": "usage.csv"}, "accounts": {"files": name}})
    assert loaded.rejected["accounts"].is_empty()
    found = dict(loaded.facts.roster.snapshots.select("account_id", "name").iter_rows())
    assert len(strings) == len(found) == 515
    wanted = {f"A{n}": text.strip(SPACE) or None for n, text in enumerate(strings)}
    assert {key: value for key, value in found.items() if value != wanted[key]} == {}


def test_no_string_steers_a_terminal_when_a_problem_shows_it(strings: list[str]) -> None:
    for text in strings:
        shown = render(Problem("D102", text, Place("accounts.csv", 1, 1, text), f"not {text}"))
        assert all(line.isprintable() for line in shown.split("\n"))
        assert len(shown.split("\n")) == 4


def test_the_plain_list_is_no_export_and_is_refused_in_words(exports: Exports) -> None:
    (exports.root / "usage.txt").write_bytes((CORPORA / "blns/blns.txt").read_bytes())
    problems = exports.refused({"usage": {"files": "usage.txt"}})
    assert {problem.code for problem in problems} == {"D102"}
