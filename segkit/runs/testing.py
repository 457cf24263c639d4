"""`test`: finds the tests of a rule file and runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from segkit.errors import ConfigError, Place, Problem
from segkit.periods import Calendar
from segkit.reports.ruletests import (
    Boundaries,
    Case,
    Covered,
    Verdict,
    boundaries,
    coverage,
    judge,
    read_cases,
    run_cases,
)
from segkit.reports.ruletests.cases import refuse
from segkit.ruleset import load_ruleset
from segkit.ruleset.model import Definitions, RuleSet
from segkit.workspace import Workspace, open_workspace, rule_arguments
from segkit.yamltext import read_yaml

ENDING = ".test.yaml"


class Tested(Struct, frozen=True):
    """`problems`: warnings about the tests. `covered` and `limits` over all files; None unless asked for.

    `limits` by segment, and None also where a test fails: then every fault would look noticed.
    """

    rules: RuleSet
    files: tuple[Path, ...]
    verdicts: tuple[Verdict, ...]
    problems: tuple[Problem, ...]
    covered: tuple[Covered, ...] | None
    limits: Mapping[str, Boundaries] | None

    @property
    def passed(self) -> bool:
        return all(verdict.passed for verdict in self.verdicts)


def run_tests(rules: Path | None, files: Sequence[Path], *, with_coverage: bool = False) -> Tested:
    """Every case of the files, else of those that lie in `tests/` beside the rules.

    `rules` None: those of the workspace. What metrics count is no matter here, they are given; so a rule file
    is tested without a workspace, too. Raises: ConfigError with everything that is wrong with rules or tests.
    """
    workspace = workspace_of(rules)
    path = rules or (workspace.rules if workspace else Path())
    if path.name.endswith(ENDING):
        what, hint = "is a file of tests; name the rules", f"segkit test RULES --tests {path}"
        raise ConfigError(Problem("T100", what, Place(str(path)), hint))
    attributes, loaded = _loaded(path, workspace)
    found = tuple(files) or tests_of(path)
    cases, problems = cases_of(found, loaded, attributes)
    ran = run_cases(loaded, cases)
    verdicts = judge(ran)
    covered = coverage(ran) if with_coverage else None
    sound = all(verdict.passed for verdict in verdicts)
    limits = boundaries(loaded, cases) if with_coverage and sound else None
    return Tested(loaded, found, verdicts, problems, covered, limits)


def cases_of(
    files: Sequence[Path], rules: RuleSet, attributes: Mapping[str, str] = {}
) -> tuple[tuple[Case, ...], tuple[Problem, ...]]:
    """Every case of the files, and warnings about them. Raises: ConfigError."""
    cases: list[Case] = []
    problems: list[Problem] = []
    for file in files:
        read, said = read_cases(read_yaml(file), rules, attributes)
        cases += read
        problems += said
    refuse(problems)
    return tuple(cases), tuple(problems)


def _loaded(path: Path, workspace: Workspace | None) -> tuple[Mapping[str, str], RuleSet]:
    """Declared attributes, and the rules; that a login is not defined is no fault here."""
    if workspace is None:
        return {}, rules_alone(path)
    known = rule_arguments(workspace)
    definitions = replace(workspace.definitions, login=workspace.definitions.login or "active_day")
    rules = load_ruleset(path, **{**known, "definitions": definitions})
    return known["attributes"], rules


def rules_alone(path: Path) -> RuleSet:
    """Rules without a workspace: weeks, and no attributes of its own. Raises: ConfigError."""
    return load_ruleset(path, calendar=Calendar(), definitions=Definitions(login="active_day"))


def tests_of(rules: Path) -> tuple[Path, ...]:
    """`tests/NAME.test.yaml` and `tests/NAME-….test.yaml`, but for those of another rule file.

    Raises: ConfigError (T100) where there is none.
    """
    folder, stem = rules.parent / "tests", rules.stem
    further = folder.glob(f"{stem}-*{ENDING}")
    own = [each for each in further if not rules.with_name(f"{each.name.removesuffix(ENDING)}.yaml").exists()]
    found = sorted([*folder.glob(f"{stem}{ENDING}"), *own])
    if not found:
        what = f"{rules.name} has no tests"
        hint = f"write tests/{stem}{ENDING} beside it, or name a file with --tests"
        raise ConfigError(Problem("T100", what, Place(str(rules)), hint))
    return tuple(found)


def workspace_of(rules: Path | None) -> Workspace | None:
    """Where the rule file lies in, else of the current folder; None where a rule file needs none."""
    if rules is None:
        return open_workspace(None)
    for folder in rules.resolve().parents:
        if (folder / "segkit.yaml").is_file():
            return open_workspace(folder)
    return None
