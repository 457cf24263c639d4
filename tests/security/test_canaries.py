"""What is nobody's business is planted, and looked for wherever segkit speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.errors import Exit
from tests.cli.command import segkit
from tests.runs.small import tree, write

MAIL, PERSON, TOKEN = "canary.bird@acme.example", "Canary Bird", "tok_51CANARY"
ROWS = f"""\
at,account_id,user_name,email,event
2026-11-22,A,{PERSON},{MAIL},click
{MAIL},A,{PERSON},{MAIL},click
2026-11-22,,{PERSON},,click
2026-11-22,"A,{PERSON},{MAIL},click
"""


def found_in(text: bytes) -> list[str]:
    return [each for each in (MAIL, PERSON, TOKEN) if each.encode() in text]


def test_canaries_in_data_and_environment_are_in_no_word_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGKIT_TOKEN", TOKEN)
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{TOKEN}@proxy.example")
    folder = write(tmp_path / "ws")
    (folder / "exports/usage_99.csv").write_text(ROWS)
    log = tmp_path / "log.jsonl"
    done = segkit("assign", "-v", folder, "--log-file", log)
    assert done.returncode == Exit.DONE, done.stderr
    more = [segkit(*verb, folder) for verb in (["check"], ["doctor"], ["report", "history"])]
    said = "".join(one.stdout + one.stderr for one in [done, *more])
    assert found_in(said.encode()) == []
    assert found_in(log.read_bytes()) == []
    # Rows as they stood in the export are kept in rejected/, which is what it is for.
    told = {name: found_in(content) for name, content in tree(folder / "out/latest").items()}
    assert {name for name, hits in told.items() if hits} == {"rejected/usage.csv"}
    assert TOKEN not in told["rejected/usage.csv"]
    assert all(TOKEN.encode() not in content for content in tree(folder / "state").values())


@pytest.mark.parametrize(
    "head",
    [
        f"{MAIL},{PERSON},event\n2026-11-22,A,click\n",
        f"at,account_id\n22.11.2026 {MAIL},A\n",
        f"at,account_id\n{MAIL}\n",
    ],
)
def test_canaries_in_a_file_that_is_refused_are_not_quoted(tmp_path: Path, head: str) -> None:
    folder = write(tmp_path / "ws", weeks=0)
    (folder / "exports/usage_99.csv").write_text(head)
    done = segkit("assign", folder, "--log-file", tmp_path / "log")
    assert done.returncode == Exit.INPUT
    assert found_in(done.stderr.encode() + (tmp_path / "log").read_bytes()) == []
