"""Reads a rule file: the rule set, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from msgspec.structs import replace

from segkit.errors import ConfigError, Problem, in_order
from segkit.periods import Calendar
from segkit.ruleset.build import Builder
from segkit.ruleset.expr import Span
from segkit.ruleset.fingerprint import fingerprint
from segkit.ruleset.metrics import CustomMetrics
from segkit.ruleset.model import Definitions, RuleSet
from segkit.ruleset.schema import RuleFile
from segkit.ruleset.scope import Names, account_attributes
from segkit.ruleset.shape import shaped
from segkit.ruleset.written import Reader
from segkit.yamltext import YamlDoc, read_text, read_yaml


def load_ruleset(
    path: Path,
    *,
    calendar: Calendar,
    definitions: Definitions,
    attributes: Mapping[str, str] = {},
    columns: Mapping[str, Mapping[str, str]] = {},
    sources: Collection[str] | None = None,
) -> RuleSet:
    """The rule set at `path`; ConfigError carries every problem that is an error.

    `attributes` are declared account attributes (name -> kind), `columns` declared columns of other sources
    (source -> name -> kind), `sources` the sources the workspace has (None: not known).
    """
    rules, problems = check_rules(
        path,
        calendar=calendar,
        definitions=definitions,
        attributes=attributes,
        columns=columns,
        sources=sources,
    )
    if rules is None:
        raise ConfigError(problem for problem in problems if problem.severity == "error")
    return rules


def check_rules(
    path: Path,
    *,
    calendar: Calendar,
    definitions: Definitions,
    attributes: Mapping[str, str] = {},
    columns: Mapping[str, Mapping[str, str]] = {},
    sources: Collection[str] | None = None,
) -> tuple[RuleSet | None, list[Problem]]:
    """The rule set (None when there is an error) and every problem, warnings too, in file order."""
    try:
        doc = read_yaml(path)
    except ConfigError as error:
        return None, list(error.problems)
    return check_doc(doc, calendar, definitions, attributes, columns, sources)


def check_rules_text(
    text: str,
    *,
    path: str = "<text>",
    calendar: Calendar,
    definitions: Definitions,
    attributes: Mapping[str, str] = {},
    columns: Mapping[str, Mapping[str, str]] = {},
    sources: Collection[str] | None = None,
) -> tuple[RuleSet | None, list[Problem]]:
    """As check_rules, for rules that are in no file."""
    try:
        doc = read_text(text, path)
    except ConfigError as error:
        return None, list(error.problems)
    return check_doc(doc, calendar, definitions, attributes, columns, sources)


def check_doc(
    doc: YamlDoc,
    calendar: Calendar,
    definitions: Definitions,
    attributes: Mapping[str, str],
    columns: Mapping[str, Mapping[str, str]],
    sources: Collection[str] | None,
) -> tuple[RuleSet | None, list[Problem]]:
    file, problems = shaped(RuleFile, doc, "R110")
    if file is None:
        return None, in_order(problems)
    names = Names(calendar, definitions, account_attributes(attributes), sources, doc.path)
    reader = Reader(doc, names)
    names.place = reader.place
    rules = _built(Builder(file, reader, columns, CustomMetrics(reader, file.metrics, columns)), names)
    problems = in_order(dict.fromkeys([*problems, *names.problems]))
    if rules is None or any(problem.severity == "error" for problem in problems):
        return None, problems
    return replace(rules, logic=fingerprint(rules)), problems


def _built(builder: Builder, names: Names) -> RuleSet | None:
    try:
        return builder.build()
    except RecursionError:
        # Names may lead to names declared further down, however many; Python has the last word on that.
        what = "conditions or formulas lead from name to name without an end"
        names.problems.append(Problem("R101", what, names.place(Span(names.path, 1, 1)), "use fewer levels"))
        return None
