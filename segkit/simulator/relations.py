"""What customers and CSMs did with each other: tickets, surveys, touchpoints, onboarding milestones."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from segkit.periods import EPOCH, from_epoch_day
from segkit.simulator.crm import Book, email
from segkit.simulator.levels import Simulated
from segkit.simulator.people import People
from segkit.simulator.streams import stream

TOPICS = ("how_to", "bug", "billing", "integration", "permissions", "how_to_advanced", "praise")
MILESTONES = {
    "kickoff": 10,
    "data_connected": 18,
    "first_report": 26,
    "team_invited": 40,
    "first_workflow": 55,
}
"""Milestone -> days after signup at which an account typically gets there."""


def _alive(sim: Simulated, week: int) -> list[int]:
    start = int(sim.starts[week])
    return [a for a in range(sim.accounts) if sim.signup[a] <= start and sim.churned[a] > start + 6]


def _someone(rng: np.random.Generator, people: People, account: int, on: int) -> int:
    """A user who is there that day; the first one if the dice find nobody."""
    first, last = int(people.first[account]), int(people.first[account + 1])
    user = int(rng.integers(first, last))
    return user if people.since[user] <= on < people.until[user] else first


def _moment(day: int, rng: np.random.Generator) -> datetime:
    minutes = int(rng.integers(8 * 60, 18 * 60))
    return datetime.combine(EPOCH, datetime.min.time()) + timedelta(days=day, minutes=minutes)


def tickets(sim: Simulated, people: People, book: Book) -> pl.DataFrame:
    """Support tickets; falling and stalled accounts ask about the same few troubles again and again."""
    rng = stream(sim.seed, "tickets")
    end = _moment(int(sim.starts[-1]) + 6, rng).replace(hour=23, minute=59)
    rows: list[dict[str, object]] = []
    for week in range(sim.weeks):
        for a in _alive(sim, week):
            trouble = float(sim.health[a, week] < 0.85) + float(sim.signup[a] > sim.starts[week] - 60)
            for _ in range(int(rng.poisson((0.06 + 0.004 * min(sim.base[a], 60)) * (1 + 1.2 * trouble)))):
                opened = _moment(int(sim.starts[week]) + int(rng.integers(0, 5)), rng)
                resolved = opened + timedelta(minutes=int(rng.lognormal(6.6 + 0.4 * trouble, 1.0)))
                weights = np.array([3, 2 + 2 * trouble, 1 + trouble, 2, 1, 1.5, 0.8])
                topic = TOPICS[int(rng.choice(len(TOPICS), p=weights / weights.sum()))]
                escalated = topic in ("bug", "integration") and rng.random() < 0.05 + 0.10 * trouble
                mood = 4.3 - 0.7 * trouble - 1.0 * escalated + rng.normal(0, 0.8)
                who = email(people, book, _someone(rng, people, a, int(sim.starts[week])))
                by_mail = rng.random() < 0.3
                rows.append(
                    {
                        "ticket_id": f"T{len(rows) + 1:05d}",
                        "opened_at": opened,
                        "resolved_at": resolved if resolved <= end else None,
                        "account_id": None if by_mail else book.ids[a],
                        "email": who if by_mail else None,
                        "priority": "high"
                        if escalated
                        else str(rng.choice(["low", "normal", "high"], p=[0.3, 0.6, 0.1])),
                        "topic": topic,
                        "kind": "problem" if topic == "bug" else "question",
                        "escalated": "yes" if escalated else "no",
                        "satisfaction": int(np.clip(round(mood), 1, 5)) if rng.random() < 0.4 else None,
                    }
                )
    return pl.DataFrame(rows, infer_schema_length=None).sort("opened_at", "ticket_id")


def surveys(sim: Simulated, people: People, book: Book) -> pl.DataFrame:
    """NPS every quarter, one in three answers; CSAT now and then."""
    rng = stream(sim.seed, "surveys")
    rows: list[dict[str, object]] = []
    for week in range(sim.weeks):
        for a in _alive(sim, week):
            for instrument, chance in (("nps", 0.4 if week % 13 == 5 else 0.0), ("csat", 0.012)):
                if rng.random() >= chance:
                    continue
                health = float(sim.health[a, week])
                nps = np.clip(round(8.3 - 6 * (1 - health) + rng.normal(0, 1.5)), 0, 10)
                csat = np.clip(round(4.3 - 2.5 * (1 - health) + rng.normal(0, 0.7)), 1, 5)
                answered = _moment(int(sim.starts[week]) + int(rng.integers(0, 5)), rng)
                rows.append(
                    {
                        "response_id": f"R{len(rows) + 1:05d}",
                        "answered_at": answered,
                        "account_id": book.ids[a],
                        "email": email(people, book, _someone(rng, people, a, int(sim.starts[week]))),
                        "instrument": instrument,
                        "score": int(nps if instrument == "nps" else csat),
                    }
                )
    return pl.DataFrame(rows, infer_schema_length=None).sort("answered_at", "response_id")


def touchpoints(sim: Simulated, book: Book) -> pl.DataFrame:
    """CSM contacts: more for bigger accounts, more often missed by falling ones."""
    rng = stream(sim.seed, "touchpoints")
    rows = []
    for week in range(sim.weeks):
        for a in _alive(sim, week):
            young = sim.signup[a] > sim.starts[week] - 90
            if rng.random() >= (0.3 if young else 0.05 + 0.08 * float(sim.base[a] > 60)):
                continue
            fallen = sim.health[a, week] < 0.75
            chances = [0.5, 0.2, 0.3] if fallen else [0.85, 0.06, 0.09]
            rows.append(
                {
                    "at": _moment(int(sim.starts[week]) + int(rng.integers(0, 5)), rng),
                    "account_id": book.ids[a],
                    "channel": str(rng.choice(["call", "email", "meeting"])),
                    "kind": "onboarding" if young else "review" if week % 13 == 0 else "check_in",
                    "status": str(rng.choice(["held", "missed", "no_answer"], p=chances)),
                }
            )
    return pl.DataFrame(rows, infer_schema_length=None).sort("at", "account_id")


def milestones(sim: Simulated, book: Book) -> pl.DataFrame:
    """Onboarding steps of every account; those that hardly get started stop after the first or second."""
    rng = stream(sim.seed, "milestones")
    last = int(sim.starts[-1]) + 6
    struggles = sim.truth["struggles"].to_list()
    rows = []
    for a in range(sim.accounts):
        done = int(rng.integers(1, 3)) if struggles[a] else len(MILESTONES) - int(rng.random() < 0.1)
        day = int(sim.signup[a])
        for name, typical in list(MILESTONES.items())[:done]:
            reached = day + max(1, round(typical * float(rng.lognormal(-0.25, 0.3))))
            if reached <= min(last, int(sim.churned[a])):
                rows.append(
                    {"account_id": book.ids[a], "milestone": name, "completed_at": from_epoch_day(reached)}
                )
    return pl.DataFrame(rows, infer_schema_length=None).sort("completed_at", "account_id")
