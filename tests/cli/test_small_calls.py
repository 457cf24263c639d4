"""Calls that seldom come: files that cannot be combined, journals of nothing, problems without a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import segkit
from tests.runs.small import RULES, WORKSPACE, write


@pytest.mark.parametrize("options", [["--accounts", "a.csv"], ["--usage", "u.csv", "."]])
def test_files_replace_a_workspace_and_accounts_alone_decide_nothing(
    options: list[str], tmp_path: Path
) -> None:
    done = segkit("assign", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--usage (with or without --accounts)" in " ".join(done.stderr.split())


def test_a_quiet_dry_run_says_nothing_and_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, weeks=10)
    before = sorted(tmp_path.rglob("*"))
    done = segkit("assign", "--dry-run", "-q", tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_week_before_the_first_complete_one_is_named_with_the_first(tmp_path: Path) -> None:
    write(tmp_path, weeks=10)
    done = segkit("assign", "--as-of", "2026-08-02", tmp_path)
    assert done.returncode == 4
    assert "the week that ends 2026-08-02 lies before the first complete one" in done.stderr
    assert "the first covered ends 2026-09-" in done.stderr


def test_rules_elsewhere_are_described_without_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES)
    done = segkit("describe", "rules.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("# Rule set small, version 1\n\n## Segments\n")
    (tmp_path / "segkit.yaml").write_text(WORKSPACE)
    assert "# Rule set small" in segkit("describe", cwd=tmp_path).stdout
