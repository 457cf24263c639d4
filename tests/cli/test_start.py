"""Starting is quick and needs no dataframe library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from segkit import __version__

HEAVY = "polars numpy pandera rich"


def _python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["assign", "--help"], ["asign"]])
def test_no_dataframe_library_is_loaded(arguments: list[str]) -> None:
    program = (
        f"import sys; sys.argv = ['segkit', *{arguments!r}]\n"
        "from segkit.cli.app import run\n"
        "run()\n"
        f"print([name for name in {HEAVY.split()!r} if name in sys.modules], file=sys.stderr)\n"
    )
    assert _python(program).stderr.splitlines()[-1] == "[]"


def test_the_version_is_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "segkit", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == (f"segkit {__version__}\n", 0)


def test_a_misspelt_verb_is_wrong_usage_with_a_suggestion() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "segkit", "asign"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Did you mean 'assign'?" in done.stderr
    assert done.stdout == ""


def test_importing_segkit_loads_nothing_heavy() -> None:
    assert _python("import sys, segkit; assert 'polars' not in sys.modules; segkit.check").returncode == 0


def test_checking_twenty_segments_needs_none_of_them(tmp_path: Path) -> None:
    """What makes it quick: on two quiet cores it takes less than half a second."""
    rules = tmp_path / "rules.yaml"
    lines = "".join(
        f"    - name: s{n}\n      enter:\n        all:\n          - logins_28d at least {n}\n"
        f"          - events_28d.vs_expected at most -{n}%\n      exit: logins_28d under {n} - 0.5\n"
        for n in range(1, 20)
    )
    head = "version: 1\nname: x\nsegments:\n  - {name: a, enter: arr over 1}\ndimensions:\n  d:\n"
    rules.write_text(head + lines)
    program = (
        f"import sys; sys.argv = ['segkit', 'check', 'rules', {str(rules)!r}]\n"
        "from segkit.cli.app import run\n"
        "run()\n"
        f"heavy = {[*HEAVY.split(), 'jinja2', 'scipy']!r}\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    told = _python(program).stderr.splitlines()
    assert told[-1] == "[]"
    assert told[-2].startswith(("no errors, ", "All is well."))
