"""Starting is quick and needs no dataframe library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from segkit import __version__
from segkit.cli.app import app
from segkit.cli.verbs import VERBS
from segkit.periods import Calendar
from segkit.ruleset import check_rules
from segkit.ruleset.definitions import EVERYTHING

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


TWENTY = Path(__file__).parents[2] / "benchmarks" / "rules" / "twenty.yaml"
"""What `python -m benchmarks figures --only rules` times."""
UNUSED = "jinja2 scipy segkit.workspace segkit.facts segkit.runs segkit.cli.assign"


def test_the_set_that_is_timed_has_twenty_segments_and_nothing_wrong() -> None:
    rules, problems = check_rules(TWENTY, calendar=Calendar(), definitions=EVERYTHING)
    assert rules is not None
    assert (len(rules.segments), problems) == (20, [])


def test_checking_twenty_segments_loads_only_what_it_needs() -> None:
    """What makes it quick: on two quiet cores it takes less than half a second."""
    program = (
        f"import sys; sys.argv = ['segkit', 'check', 'rules', {str(TWENTY)!r}]\n"
        "from segkit.cli.app import run\n"
        "run()\n"
        f"heavy = {[*HEAVY.split(), *UNUSED.split()]!r}\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    assert _python(program).stderr == "All is well.\n[]\n"


def test_the_help_page_needs_no_verb() -> None:
    program = (
        "import sys; sys.argv = ['segkit', '--help']\n"
        "from segkit.cli.app import run\n"
        "from segkit.cli.verbs import VERBS\n"
        "run()\n"
        "print([verb for verb in VERBS if f'segkit.cli.{verb}' in sys.modules], file=sys.stderr)\n"
    )
    told = _python(program)
    assert told.stderr == "[]\n"
    assert [verb for verb in VERBS if f"\n  {verb} " not in told.stdout] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_where_the_list_says(verb: str) -> None:
    assert get_command(app).commands[verb].name in (verb, "")  # type: ignore[attr-defined]
