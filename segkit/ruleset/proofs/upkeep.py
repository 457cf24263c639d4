"""What makes rules hard to live with: percentages of little, segments nobody acts on, a late review."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from segkit.errors import Problem
from segkit.ruleset import expr as x
from segkit.ruleset.catalogue import BASELINE_VIEWS
from segkit.ruleset.proofs import domain as d
from segkit.ruleset.proofs.search import Account, search
from segkit.ruleset.proofs.simple import NOBODY_KNOWS, unknown_at
from segkit.ruleset.proofs.subject import Subject
from segkit.ruleset.proofs.variables import shape_of
from segkit.ruleset.proofs.ways import NOT_TRUE, F, T

MOST_PRIMARY = 8
"""Segments of the main dimension that a team can still tell apart (5 to 8, by the guides)."""
_RELATIVE = {"change": "previous", "vs_last_year": "last_year"}
"""Views that divide by a base, and the base."""
_LEAST_BASE = 5.0
"""The smallest base of a count over which there is a relative change."""


def tiny_bases(subject: Subject) -> Iterator[Problem]:
    """R311: a relative change lets accounts in however little it is a change of."""
    for segment in subject.rules.segments:
        keys = {o.key for o in x.operands(segment.enter) if isinstance(o, x.Column)}
        for metric in dict.fromkeys(o for o in x.operands(segment.enter) if isinstance(o, x.Metric)):
            if metric.view not in _RELATIVE:
                continue
            _, kind = shape_of(metric, subject.rules.metrics)
            base = x.Metric(metric.name, metric.window, _RELATIVE[metric.view], metric.argument)
            if kind not in ("count", "level") or base.key in keys:
                continue
            account = _with_little(subject, segment.enter, metric, base)
            if account is None:
                continue
            subject.variables.setdefault(base.key, base)
            least = subject.written(base.key, account[base.key])
            witness = subject.witness([account], f"it comes into {segment.name}")
            what = f"{metric.key} decides about {segment.name} even where {base.key} is only {least}"
            hint = f"ask for a base as well: {base.key} at least 20, or use .vs_expected, which does"
            yield subject.problem("R311", what, _first(segment.enter, metric), hint, witness)
            break


def _with_little(subject: Subject, enter: x.Condition, metric: x.Metric, base: x.Metric) -> Account | None:
    """An account that the change lets in; what needs a volume of the metric has no value for it."""
    given = {NOBODY_KNOWS.key: d.Values(nulls=frozenset({d.UNKNOWN})).without_value(d.NULLS)}
    for operand in x.operands(enter):
        if isinstance(operand, x.Metric) and operand.name == metric.name and operand.view in BASELINE_VIEWS:
            given[operand.key] = subject.sure.domain(operand).without_value(frozenset({d.MISSING}))
    form = subject.form(enter)
    account = subject.account((form, T), (unknown_at(form, metric.key), NOT_TRUE), given=given)
    if account is None or metric.key not in account:
        return None
    counted = shape_of(metric, subject.rules.metrics)[1] == "count"
    told = {key: value for key, value in account.items() if key != NOBODY_KNOWS.key}
    return {**told, base.key: _LEAST_BASE if counted else 1.0}


def _first(condition: x.Condition, metric: x.Metric) -> x.Condition:
    """The leaf that reads the metric."""
    return next(leaf for leaf in x.leaves(condition) if metric in x.operands(leaf))


def points(subject: Subject) -> Iterator[Problem]:
    """R312: a percentage against a view of a share, which is a difference in percentage points."""
    told: set[x.Span] = set()
    for segment in subject.rules.segments:
        for condition in (segment.enter, segment.exit):
            for leaf in x.leaves(condition) if condition is not None else ():
                if (
                    leaf.span in told
                    or not isinstance(leaf, x.Compare)
                    or not isinstance(leaf.left, x.Metric)
                ):
                    continue
                metric = leaf.left
                _, kind = shape_of(metric, subject.rules.metrics)
                relative = metric.view in ("change", "vs_last_year", "vs_expected", "vs_usual", "vs_peers")
                if not relative or kind != "share" or not isinstance(leaf.right, x.Number):
                    continue
                if not leaf.right.text.endswith("%"):
                    continue
                told.add(leaf.span)
                yield _points(subject, leaf, metric, leaf.right)


def _points(subject: Subject, leaf: x.Compare, metric: x.Metric, limit: x.Number) -> Problem:
    base = x.Metric(metric.name, metric.window, "previous", metric.argument)
    now = x.Metric(metric.name, metric.window, None, metric.argument)
    for each in (metric, base, now):
        subject.variables.setdefault(each.key, each)
    subject.form(leaf)
    before = 0.8 if limit.value < 0 else 0.2
    account = {base.key: before, now.key: before + limit.value, metric.key: limit.value}
    told = {key: subject.written(key, value) for key, value in account.items()}
    witness = subject.witness(
        [account], f"from {told[base.key]} to {told[now.key]} is {told[metric.key]} here"
    )
    what = f"{metric.key} is a difference in percentage points, not {limit.text} of the share before"
    hint = f"write {base.base}.delta, which says so, if points are meant" if metric.view == "change" else None
    return subject.problem("R312", what, leaf, hint, witness)


def playbooks(subject: Subject) -> Iterator[Problem]:
    """R313: a main segment that leads to nothing, in a file that has playbooks at all. R317: a playbook of
    one on trial."""
    rules = subject.rules
    for segment in rules.main.segments if rules.playbooks else ():
        if segment.playbook is not None:
            continue
        what = f"{segment.name} has no playbook: a segment that nobody acts on is vanity"
        hint = f"write playbook: {next(iter(rules.playbooks))}, or make it a dimension of its own"
        yield subject.problem("R313", what, segment, hint, None)
    for segment in rules.trials:
        if segment.playbook is not None:
            what = f"{segment.name} is on trial: nobody is told to act on it, whatever its playbook says"
            hint = "let it count (take status: trial out) once you trust it, or leave playbook: out till then"
            yield subject.problem("R317", what, segment, hint, None)


def review(subject: Subject) -> Iterator[Problem]:
    """R315: the day on which somebody wanted to look at the criteria again has passed."""
    due = subject.rules.review_by
    if due is not None and subject.today is not None and subject.today > due.day:
        what = f"these rules were to be looked at again by {due.day}"
        hint = "look at sizes and outcomes (segkit evaluate), change what does not fit, and set the next day"
        yield Problem("R315", what, subject.place(due.span), hint, "warning")


def outside(subject: Subject, problem: Problem) -> Problem:
    """An R201 with an account at the end of the range that its number lies beyond."""
    for segment in subject.rules.segments:
        for condition in (segment.enter, segment.exit, segment.at_once):
            for leaf in x.leaves(condition) if condition is not None else ():
                numbers = [o.span for o in x.operands(leaf) if isinstance(o, x.Number)]
                if not any(subject.place(span) == problem.where for span in numbers):
                    continue
                account = subject.account(subject.holds(leaf)) or subject.account((subject.form(leaf), F))
                holds = search(subject.usual, [subject.holds(leaf)]).possible
                shows = "it holds, as for every account" if holds else "it does not hold, as for no account"
                witness = None if account is None else subject.witness([account], shows)
                return replace(problem, witness=witness)
    return problem


def too_many(subject: Subject) -> Iterator[Problem]:
    """R314: more main segments than a team can act on."""
    main = subject.rules.main.segments
    if len(main) > MOST_PRIMARY:
        what = f"{len(main)} primary segments: nobody can act on more than {MOST_PRIMARY}"
        hint = "move stages, growth or value to dimensions: of their own; they can be combined there"
        yield subject.problem("R314", what, main[MOST_PRIMARY], hint, None)
