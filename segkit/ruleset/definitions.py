"""Which of the workspace's definitions a metric needs, and how to say that one is missing."""

from __future__ import annotations

from collections.abc import Collection

from segkit.errors import Place, Problem, Severity
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions, HealthPart, Selection

_EXAMPLES = {
    "login": "login: {events: [login]}",
    "core_features": "core_features: [dashboards, reports]",
    "advanced_features": "advanced_features: [api, automation]",
    "core_workflow": "core_workflow: {events: [workflow_completed]}",
    "expected_milestones": "expected_milestones: {first_report: 30}",
    "first_value": "first_value: first_report",
    "health_score": "health_score: {events_28d.change: {weight: 1, worst: -50%, best: 0%}}",
}

EVERYTHING = Definitions(
    "active_day",
    core_workflow=Selection(),
    core_features=("",),
    advanced_features=("",),
    expected_milestones={"": 1},
    health_score={"": HealthPart(Metric("events", 28), 1.0, 0.0, 1.0)},
)
"""Where it does not matter what words mean: rules without a workspace, parts of a score."""


def defined(needs: str, definitions: Definitions) -> bool:
    """Whether the workspace says what `needs` is; first value may be the first core workflow."""
    if needs == "first_value":
        return definitions.first_value is not None or definitions.core_workflow is not None
    return bool(getattr(definitions, needs))


def missing_definition(
    needs: str, metric: str, where: Place | None = None, candidates: Collection[str] = ()
) -> Problem:
    """R109 for a metric without its definition; `candidates` are events that look like what is meant."""
    hint = f"write in segkit.yaml: definitions: {{{_EXAMPLES[needs]}}}"
    if candidates:
        hint += f"; events that look like it: {', '.join(candidates)}"
    # Without a login every count of logins would be wrong; the other metrics are unknown until it is written.
    severity: Severity = "error" if needs == "login" else "warning"
    return Problem("R109", f"{metric} needs a definition of '{needs}'", where, hint, severity)
