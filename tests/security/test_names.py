"""Names of accounts and segments never become paths, and of segments only plain words are taken."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl

from segkit.yamltext import read_text
from tests.cli.command import segkit
from tests.ruleset.load import HEAD, check
from tests.runs.small import tree, write
from tests.security.corpus import here, naughty

NASTY = (
    *("..", ".", "../../x", "/etc/passwd", "a/b", "a\\b", "..\\x", "CON", "nul", "LPT1", "a:b", "~", "$HOME"),
    *(
        "é",
        "e\u0301",
        "Big",
        "big",
        "BIG",
        "a\x00b",
        "a\nb",
        "-rf",
        "--help",
        ".tmp-x",
        "out",
        "state",
        "%00",
    ),
    "x" * 300,
)


def hostile() -> list[str]:
    """Two hundred, each once."""
    return list(dict.fromkeys([*NASTY, *(text for text in naughty() if text.strip())]))[:200]


@here
def test_two_hundred_hostile_ids_write_no_file_of_their_own(tmp_path: Path) -> None:
    folder = write(tmp_path / "ws")
    ids = [text for text in hostile() if "\0" not in text]
    with (folder / "exports/accounts.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerows([("account_id", "name", "arr", "signup_date", "csm")])
        rows.writerows((each, each, 1, "2026-01-01", "Ann") for each in [*ids, "A", "B", "C", "D"])
    done = segkit("assign", "-q", folder)
    assert done.returncode == 0, done.stderr
    published = pl.read_parquet(folder / "out/latest/assignments.parquet")["account_id"]
    kept = {text.strip() for text in ids}
    assert len(kept - set(published)) <= len([text for text in ids if text != text.strip()])
    assert published.n_unique() == published.len()
    assert [path.name for path in tmp_path.iterdir()] == ["ws"]
    plain = tree(write(tmp_path / "plain"))
    assert segkit("assign", "-q", tmp_path / "plain").returncode == 0
    plain = tree(tmp_path / "plain")

    def shape(names: object) -> set[str]:
        return {re.sub(r"[0-9a-f]{8,}", "#", str(name)) for name in names}  # type: ignore[attr-defined]

    assert shape(tree(folder)) == shape(plain)


@here
def test_a_segment_is_called_by_a_plain_word_or_not_at_all() -> None:
    taken = []
    for name in hostile():
        quoted = '"' + "".join(f"\\U{ord(sign):08x}" for sign in name) + '"'
        text = f"{HEAD}segments:\n  - {{name: {quoted}, enter: tenure_days under 90}}\n"
        rules, problems = check(text)
        if rules is None:
            assert problems
            assert all(problem.where and problem.where.line for problem in problems)
        else:
            taken.append(name)
            assert read_text(text).value["segments"][0]["name"] == name
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name) for name in taken), taken
    assert "big" in taken
