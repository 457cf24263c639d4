"""Rows of tickets and other tables beside one account, and what a metric says of them week by week."""

from __future__ import annotations

from typing import Any

import numpy as np

from segkit.engine.counting.values import Values
from segkit.engine.metrics.registry import context_of
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions
from tests.engine import build

OLD = {"A": {}}
WEEKS = ("01-11", "01-18", "01-25", "02-01", "02-08", "02-15", "02-22", "03-01")


def told(values: Values, account: int = 0) -> list[float | str]:
    """The eight values of an account, `?` for unknown and `-` for missing."""
    row = zip(values.value[account].tolist(), values.missing[account].tolist(), strict=True)
    return [("-" if missing else "?") if np.isnan(value) else value for value, missing in row]


def measured(
    name: str,
    window: int | None = None,
    *,
    definitions: Definitions | None = None,
    shift: int = 0,
    account: int = 0,
    **world: Any,
) -> list[float | str]:
    rules = build.ruleset(definitions)
    world = {"accounts": OLD, "no_usage": True, **world}
    ctx = context_of(rules, build.facts(rules=rules, **world))
    return told(ctx.measure(Metric(name, window), shift), account)


def ticket(day: str, resolved: str | None = None, **more: Any) -> dict[str, Any]:
    at = f"2026-{day}"
    done = f"2026-{resolved}" if resolved else None
    return {"ticket_id": f"{at}{more}", "account_id": "A", "opened_at": at, "resolved_at": done, **more}


def dated(source: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {"tables": {source: [{"account_id": "A", **row} for row in rows]}}


# --- tickets ---
