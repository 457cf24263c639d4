"""What the CRM and the billing system export: accounts through time, contacts, contracts, payments."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.periods import from_epoch_day
from segkit.simulator.levels import NEVER, Simulated
from segkit.simulator.names import CSMS, companies, domain, given
from segkit.simulator.people import DEPARTMENTS, People
from segkit.simulator.seasons import INDUSTRIES, REGIONS, Floats
from segkit.simulator.streams import stream

SIGNED_AHEAD = 35
"""Days before the start at which a signed account shows up in the CRM."""


class Book(Struct, frozen=True):
    """The commercial side of every account, in account order."""

    ids: list[str]
    names: list[str]
    domains: list[str]
    terms: list[list[tuple[date, float]]]
    """Per account the contract years: start and yearly price."""
    seats: list[int]
    limits: list[int]
    """Events in four weeks that the plan allows."""
    csm: list[str]
    test: list[bool]


def day(days: int) -> date | None:
    return None if days >= NEVER else from_epoch_day(int(days))


def keep_books(sim: Simulated, people: People) -> Book:
    rng = stream(sim.seed, "books")
    industries = [list(INDUSTRIES)[code] for code in sim.industry]
    names = companies(sim.seed, industries)
    limits = np.maximum(
        20, np.round(sim.base * stream(sim.seed, "limits").uniform(5.5, 16, sim.accounts), -1)
    )
    test = [number in (sim.accounts // 3, sim.accounts - 5) for number in range(sim.accounts)]
    names = [
        f"Sandbox {number + 1}" if is_test else name
        for number, (name, is_test) in enumerate(zip(names, test, strict=True))
    ]
    users = np.diff(people.first)
    price = np.maximum(240, np.round(90 * sim.base * rng.lognormal(0, 0.6, sim.accounts), -1))
    return Book(
        ids=[f"A{number + 1:04d}" for number in range(sim.accounts)],
        names=names,
        domains=[domain(name) for name in names],
        terms=[_terms(sim, account, float(price[account]), rng) for account in range(sim.accounts)],
        seats=[int(n * rng.uniform(1.0, 1.8)) + 1 for n in users],
        limits=[int(limit) for limit in limits],
        csm=[CSMS[int(rng.integers(0, len(CSMS)))] for _ in range(sim.accounts)],
        test=test,
    )


def _terms(sim: Simulated, account: int, price: float, rng: np.random.Generator) -> list[tuple[date, float]]:
    """Yearly terms from signup on; a healthy account often grows at renewal, a fallen one may shrink."""
    start, last = from_epoch_day(int(sim.signup[account])), int(sim.starts[-1]) + 6
    terms = [(start, price)]
    while True:
        start = _next_year(start)
        days = (start - date(1970, 1, 1)).days
        if days > min(last, int(sim.churned[account])):
            return terms
        week = int(np.clip((days - sim.starts[0]) // 7, 0, sim.weeks - 1))
        fallen = sim.health[account, week] < 0.75
        change = rng.uniform(0.6, 0.9) if fallen else rng.choice([1.0, 1.0, 1.0, rng.uniform(1.05, 1.4)])
        price = max(240.0, round(price * float(change), -1))
        terms.append((start, price))


def _next_year(start: date) -> date:
    return (
        start.replace(year=start.year + 1, day=28)
        if (start.month, start.day) == (2, 29)
        else start.replace(year=start.year + 1)
    )


def _plan(price: float) -> str:
    return "Business" if price >= 10_000 else "Team" if price >= 1_000 else "Starter"


def accounts_at(sim: Simulated, book: Book, on: date) -> pl.DataFrame:
    """The accounts export of one day: who has signed by then, with what was known on that day."""
    rows = []
    for a in range(sim.accounts):
        signup = from_epoch_day(int(sim.signup[a]))
        if signup > on + timedelta(days=SIGNED_AHEAD):
            continue
        term, price = next((t for t in reversed(book.terms[a]) if t[0] <= on), book.terms[a][0])
        notice, churned = day(int(sim.notice[a])), day(int(sim.churned[a]))
        told = notice is not None and notice <= on
        rows.append(
            {
                "account_id": book.ids[a],
                "name": book.names[a],
                "industry": list(INDUSTRIES)[sim.industry[a]],
                "region": REGIONS[sim.region[a]],
                "plan": _plan(price),
                "arr": int(price),
                "currency": "USD",
                "seats": book.seats[a],
                "plan_limit": book.limits[a],
                "signup_date": signup,
                "renewal_date": churned if told else _next_year(term),
                "notice_date": notice if told else None,
                "churned_at": churned if told else None,
                "csm": book.csm[a],
                "domains": book.domains[a],
                "is_test": "yes" if book.test[a] else "no",
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def contacts(sim: Simulated, people: People, book: Book) -> pl.DataFrame:
    """Users with their e-mail addresses; some have a second address, which is a second row."""
    rows = []
    for user, account in enumerate(people.account):
        row = {
            "user_id": user_id(user),
            "email": email(people, book, user),
            "account_id": book.ids[account],
            "role": "champion" if people.is_key[user] else "member",
            "department": DEPARTMENTS[people.department[user]],
            "created_at": day(int(people.since[user])),
            "deactivated_at": day(int(people.until[user])),
            "is_key": "yes" if people.is_key[user] else "no",
        }
        rows.append(row)
        if people.second_email[user]:
            rows.append(row | {"email": other_email(people, book, user)})
    return pl.DataFrame(rows, infer_schema_length=None)


def user_id(user: int) -> str:
    return f"U{user + 1:05d}"


def email(people: People, book: Book, user: int) -> str:
    account = int(people.account[user])
    return f"{given(user - int(people.first[account]))}@{book.domains[account]}"


def other_email(people: People, book: Book, user: int) -> str:
    """The private address of somebody who has two."""
    return f"{email(people, book, user).split('@')[0]}.{user + 1}@mailbox.example"


def subscriptions(sim: Simulated, book: Book) -> pl.DataFrame:
    rows = []
    for a in range(sim.accounts):
        for number, (start, price) in enumerate(book.terms[a]):
            end = _next_year(start) - timedelta(days=1)
            churned = day(int(sim.churned[a]))
            rows.append(
                {
                    "subscription_id": f"S{a + 1:04d}-{number + 1}",
                    "account_id": book.ids[a],
                    "starts_on": start,
                    "ends_on": min(end, churned) if churned else end,
                    "mrr": round(price / 12, 2),
                    "seats": book.seats[a],
                    "plan": _plan(price),
                }
            )
    return pl.DataFrame(rows, infer_schema_length=None)


def payments(sim: Simulated, book: Book) -> pl.DataFrame:
    """Quarterly invoices within the simulated time; fallen accounts pay late more often."""
    rng = stream(sim.seed, "payments")
    first, last = from_epoch_day(int(sim.starts[0])), from_epoch_day(int(sim.starts[-1]) + 6)
    rows = []
    for a in range(sim.accounts):
        for start, price in book.terms[a]:
            for quarter in range(4):
                due = start + timedelta(days=14 + 91 * quarter)
                churned = day(int(sim.churned[a]))
                late = rng.random() < (0.3 if _health(sim.health, sim, a, due) < 0.75 else 0.05)
                paid = due + timedelta(days=int(rng.integers(15, 75) if late else rng.integers(-10, 3)))
                if first <= due <= last and (churned is None or due <= churned):
                    rows.append(
                        {
                            "account_id": book.ids[a],
                            "due_on": due,
                            "paid_on": paid if paid <= last else None,
                            "amount": round(price / 4, 2),
                        }
                    )
    return pl.DataFrame(rows, infer_schema_length=None).sort("due_on", "account_id")


def traits(sim: Simulated, book: Book) -> pl.DataFrame:
    """What a CSM noted about the account: its priority, now and then a new one."""
    rng = stream(sim.seed, "traits")
    values = ("efficiency", "growth", "compliance", "cost")
    rows = []
    for a in range(sim.accounts):
        if rng.random() >= 0.6:
            continue
        start = max(int(sim.signup[a]), int(sim.starts[0])) + int(rng.integers(5, 60))
        for observed in (start, start + int(rng.integers(150, 700))):
            value = values[int(rng.integers(0, len(values)))]
            if observed <= int(sim.starts[-1]) + 6:
                rows.append((book.ids[a], "priority", value, from_epoch_day(observed)))
    return pl.DataFrame(rows, schema=["account_id", "trait", "value", "observed_at"], orient="row")


def _health(health: Floats, sim: Simulated, account: int, on: date) -> float:
    week = ((on - date(1970, 1, 1)).days - int(sim.starts[0])) // 7
    return float(health[account, min(max(week, 0), sim.weeks - 1)])
