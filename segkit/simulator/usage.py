"""Single events of one week: who did what when."""

from __future__ import annotations

import numpy as np
import polars as pl

from segkit.simulator.levels import Ints, Simulated
from segkit.simulator.people import People
from segkit.simulator.streams import stream

LOGIN, FEATURE_USED, WORKFLOW = 0, 1, 2
EVENTS = ("login", "feature_used", "workflow_completed")


def week_events(sim: Simulated, people: People, week: int, thin: float = 1.0) -> pl.DataFrame:
    """Events of one week, lost cells left out, sorted by account and second.

    Columns: account, user (index into `people`), day (epoch day), second (of the day), event (index into
    EVENTS), feature (index, null for a login), seconds. Every session has one login, at most two features
    and about ten events. `thin` scales the number of events.
    """
    rng = stream(sim.seed, "events", week)
    counts = np.where(sim.lost[:, week], 0, sim.events[:, week])
    counts = counts if thin == 1.0 else rng.poisson(counts * thin)
    account = np.repeat(np.arange(sim.accounts), counts)
    cumulated = np.cumsum(sim.weights[:, week], axis=1)
    cumulated /= cumulated[:, -1:]
    weekday = (rng.random(len(account))[:, None] > cumulated[sim.region[account]]).sum(axis=1)
    day = sim.starts[week] + weekday
    alive = (day >= sim.signup[account]) & (day < sim.churned[account])
    account, weekday, day = account[alive], weekday[alive], day[alive]

    cell = account * 7 + weekday
    sessions = 1 + np.bincount(cell, minlength=7 * sim.accounts) // 10
    widest = int(sessions.max(initial=1))
    key, session = np.unique(
        cell * widest + (rng.random(len(cell)) * sessions[cell]).astype(np.int64), return_inverse=True
    )
    whose, on = key // widest // 7, sim.starts[week] + key // widest % 7
    user = _pick_users(rng, people, whose, on)
    tastes = people.features[whose]
    known = [(rng.random(len(key))[:, None] > tastes).sum(axis=1) for _ in range(2)]
    opened = np.clip(rng.normal(13 * 3600, 3 * 3600, len(key)), 0, 84_000).astype(np.int64)

    feature = np.where(rng.random(len(session)) < 0.6, known[0][session], known[1][session])
    kind = np.where(rng.random(len(session)) < 0.07, WORKFLOW, FEATURE_USED)
    frame = pl.DataFrame(
        {
            "account": np.concatenate([whose, account]),
            "user": np.concatenate([user, user[session]]),
            "day": np.concatenate([on, day]),
            "second": np.concatenate([opened, opened[session] + rng.integers(1, 2000, len(session))]),
            "event": np.concatenate([np.full(len(key), LOGIN), kind]),
            "feature": np.concatenate([np.full(len(key), -1), feature]),
            "seconds": np.concatenate(
                [np.zeros(len(key), dtype=np.int64), rng.integers(1, 7, len(session)) * 30]
            ),
        }
    )
    return frame.with_columns(pl.col("feature").replace(-1, None)).sort(
        "account", "day", "second", "user", "event", "feature", "seconds"
    )


def _pick_users(rng: np.random.Generator, people: People, account: Ints, day: Ints) -> Ints:
    """One user per session: few do most of the work; a colleague stands in for who is not there that day."""
    first, many = people.first[account], np.diff(people.first)[account]
    ordinal = (many * rng.random(len(account)) ** 1.6).astype(np.int64)
    for _ in range(3):
        user = first + ordinal
        away = (day < people.since[user]) | (day >= people.until[user])
        ordinal = np.where(away, (ordinal + 1) % many, ordinal)
    user = first + ordinal
    away = (day < people.since[user]) | (day >= people.until[user])
    return np.where(away, first, user)
