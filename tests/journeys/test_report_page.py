"""The page that goes round: what it says of the example, and that it stays one page under any names."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import polars as pl

from segkit.runs import assign
from segkit.workspace import open_workspace
from tests.reports.test_page import Marks
from tests.runs.small import ACCOUNTS, NOW, RULES, WORKSPACE, write

ATTACKS = ("<script>x</script>", '"><img src=x onerror=x>', "{{7*7}}", "javascript:x")


def said(text: str) -> str:
    """The words of a page, without its style."""
    found = Marks(re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))
    return " ".join(" ".join(found.texts).split())


def test_the_example_says_what_its_first_screen_says(example: tuple[Path, str]) -> None:
    text = (example[0] / "out/latest/report.html").read_text(encoding="utf-8")
    headings = [unescape(each) for each in re.findall(r"<h2 [^>]*>(.*?)</h2>", text)]
    assert headings == [
        "Is the data fine?",
        "Segments",
        "Who to call first",
        "Not alarmed, and why",
        "Work list",
        "Sizes over time",
        "What moved since 8 Nov 2026",
        "Furthest from what was expected",
        "Groups against past years",
        "Segments by dimension",
        "What they said, by segment",
        "Where the rows went",
        "The rules that decided",
    ]
    calls = re.search(r'<ol class="calls">(.*?)</ol>', text, re.DOTALL)
    assert calls is not None
    names = re.findall(r'<bdi class="name">(.*?)</bdi>', calls[1])
    assert names == [
        "Calvale Clinics",
        "Quilmont Haulage",
        "Marwick Labs",
        "Norholm Care",
        "Eskwick Clinics",
    ]
    words = said(text)
    assert "10 sources, 344,130 rows read = 343,188 accepted + 3 refused + 939 left out" in words
    assert "Read the last tickets, surveys and calls ( Kofi Mensah )" in words
    assert (
        "2 dipped as expected, like their peers this week or like every year 17 are really at risk" in words
    )
    assert "104 weeks from 24 Nov 2024 to 15 Nov 2026" in words
    assert "at_risk 15 14 1 behaviour, 1 data arrived or ran out 3 behaviour" in words
    assert (
        "Marwick Labs churning 26 values from 532 to 52; lowest 46, highest 630 52 285 −82 % 9,950" in words
    )
    assert "priority Accounts that said so (rows) by segment (columns); 72 of 127 accounts answered" in words
    sizes = pl.read_csv(example[0] / "out/latest/state/sizes.csv").filter(pl.col("as_of") == "2026-11-15")
    assert sizes["accounts"].to_list() == [3, 6, 14, 32, 67, 5, 0]


def test_no_name_and_no_text_of_a_rule_file_adds_to_the_page(tmp_path: Path) -> None:
    pages = {}
    for kind, texts in (("plain", ("one", "two", "three", "four")), ("hostile", ATTACKS)):
        folder = tmp_path / kind
        a, b, c, d = (text.replace('"', '""') for text in texts)
        accounts = ACCOUNTS.replace("Acme", f'"{a}"').replace("Borg", f'"{b}"').replace("=Cosmo", f'"{c}"')
        accounts = accounts.replace("Dyna", f'"{d}"').replace("Ann", f'"{a}"').replace("Bob", f'"{b}"')
        rules = RULES.replace("Hardly there.", f"'{texts[0]}'").replace("Call them", f"'{texts[1]}'")
        write(folder, rules=rules.replace("Back again.", f"'{texts[2]}'"), accounts=accounts)
        (folder / "segkit.yaml").write_text(WORKSPACE.replace("Small", f"'{texts[3]}'"))
        run = assign(open_workspace(folder), now=NOW)
        assert run.folder is not None
        text = (run.folder / "report.html").read_text(encoding="utf-8")
        assert all(each in said(text) for each in texts)
        pages[kind] = Marks(text)
    assert pages["plain"].tags == pages["hostile"].tags
    assert pages["plain"].values == pages["hostile"].values
