"""Who works at each account: users with a department, a time they were there, and the features they know."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from segkit.simulator.levels import NEVER, Bools, Ints, Simulated
from segkit.simulator.seasons import Floats
from segkit.simulator.streams import stream

DEPARTMENTS = ("Operations", "Sales", "Finance", "Support", "IT", "Marketing")
FEATURES = (
    "dashboards", "reports", "sharing", "alerts", "exports", "comments",
    "api", "automation", "integrations", "forecasts", "mobile", "audit_log",
)  # fmt: skip
CORE = ("dashboards", "reports", "sharing", "alerts", "api")
ADVANCED = ("api", "automation", "forecasts")


class People(Struct, frozen=True):
    """Users in one flat list, account a has `first[a]` to `first[a + 1]`; U users, A accounts, F features."""

    first: Ints
    account: Ints
    department: Ints
    since: Ints
    until: Ints
    """[U] epoch days; the first user of an account is always there."""
    is_key: Bools
    second_email: Bools
    features: Floats
    """[A, F] cumulated share of each feature in the account's use."""


def hire(sim: Simulated, most: int = 40, features: int = len(FEATURES)) -> People:
    """People for every account; at most `most` users each."""
    rng = stream(sim.seed, "people")
    users = np.clip(np.round(rng.lognormal(0.3, 0.4, sim.accounts) * sim.base**0.45), 1, most).astype(
        np.int64
    )
    first = np.concatenate([[0], np.cumsum(users)])
    account = np.repeat(np.arange(sim.accounts), users)
    ordinal = np.arange(first[-1]) - first[account]
    start, end = np.maximum(sim.signup, sim.starts[0] - 400), int(sim.starts[-1]) + 6
    late = (rng.random(len(account)) < 0.35) & (ordinal > 0)
    room = np.maximum(end - start[account], 1)
    since = start[account] + np.where(late, (rng.random(len(account)) * room).astype(np.int64), 0)
    is_key = (ordinal == 0) | ((ordinal == 1) & (rng.random(len(account)) < 0.6))
    falling = sim.health.min(axis=1)[account] < 0.8
    leaves = (ordinal > 0) & (rng.random(len(account)) < np.where(falling & is_key, 0.5, 0.12))
    leaves_on = since + 60 + (rng.random(len(account)) * np.maximum(end - since - 60, 1)).astype(np.int64)
    until = np.where(leaves & (leaves_on <= end), leaves_on, NEVER)
    department = np.where(ordinal < 2, 0, rng.integers(0, len(DEPARTMENTS), len(account)))
    return People(
        first, account, department, since, until, is_key, rng.random(len(account)) < 0.05,
        _tastes(sim, features),
    )  # fmt: skip


def _tastes(sim: Simulated, features: int) -> Floats:
    """Every account knows its own handful of features, busier ones more; a few use nearly all."""
    rng = stream(sim.seed, "tastes")
    breadth = np.clip(
        np.round(1.2 + 1.1 * np.log1p(sim.base) + rng.normal(0, 1.5, sim.accounts)), 1, features
    )
    order = np.argsort(rng.random((sim.accounts, features)) + np.linspace(0, 0.8, features), axis=1)
    rank = np.argsort(order, axis=1)
    weight = np.where(rank < breadth[:, None], 1 / (1 + rank), 0.0)
    return np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
