"""Corrupt Parquet files: rows, or a refusal in words; neither a traceback nor what Rust prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.errors import Exit
from tests.cli.command import segkit
from tests.corpora.reading import Read, here, paths, read

pytestmark = here
WORKSPACE = """\
version: 1
name: Bad
exports: {folder}
sources:
  usage: {{files: "{name}", columns: {{at: {column}, account_id: {column}}}}}
"""


@pytest.mark.parametrize("path", paths("parquet-bad/*.parquet"), ids=lambda path: path.stem)
def test_a_corrupt_file_is_read_or_refused_and_nothing_is_printed(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found = read(path)
    assert capfd.readouterr() == ("", "")
    if isinstance(found, Read):
        assert found.rows or found.refused.height
        return
    (problem,) = found
    assert problem.code == "D104"
    assert str(problem.where).startswith(path.name)
    assert "panic" not in problem.what
    assert problem.hint


def test_the_command_says_it_in_words_too(tmp_path: Path) -> None:
    (path,) = (path for path in paths("parquet-bad/*.parquet") if path.stem == "ARROW-GH-41317")
    text = WORKSPACE.format(folder=path.parent, name=path.name, column="timestamp_us_no_tz")
    (tmp_path / "segkit.yaml").write_text(text)
    done = segkit("check", "data", tmp_path)
    assert done.returncode in (Exit.PROBLEMS, Exit.INPUT)
    assert "ARROW-GH-41317.parquet" in done.stderr
    assert not {"panicked", "Traceback"} & set(done.stderr.split())
