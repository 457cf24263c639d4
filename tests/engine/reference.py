"""Usage metrics the slow way: a loop over raw events for one account and one day, as the definitions say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from segkit.facts.types import Facts
from segkit.periods import epoch_day
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet, Selection
from tests.engine.build import World, day

UNKNOWN = "unknown"
MISSING = "missing"
Answer = float | str
"""A number, or why there is none."""


@dataclass(frozen=True)
class Seen:
    """One raw event of an account."""

    day: int
    event: str | None
    feature: str | None
    user: str | None
    session: str | None
    count: int
    seconds: float | None


class Reference:
    def __init__(self, world: World, facts: Facts, rules: RuleSet) -> None:
        self.world, self.facts, self.rules = world, facts, rules
        calendar = facts.calendar
        self.spans = [
            (epoch_day(calendar.start(int(p))), epoch_day(calendar.end(int(p)))) for p in facts.periods
        ]
        self.periods = {d: i for i, (low, high) in enumerate(self.spans) for d in range(low, high + 1)}
        self.covered = facts.coverage["usage"].covered
        self.on = facts.roster.on.tolist()
        self.people = {row["user_key"]: row for row in facts.people.iter_rows(named=True)}
        self.events = {name: list(self._events(name)) for name in facts.roster.accounts}

    def _events(self, account: str) -> Iterator[Seen]:
        for raw, when, *rest in self.world.events:
            if self._owner(raw, day(when)) == account:
                s = dict(rest[0]) if rest else {}
                user = f"user:{s['user']}" if "user" in s else None
                yield Seen(
                    day(when),
                    s.get("event"),
                    s.get("feature"),
                    user,
                    s.get("session_id"),
                    s.get("count", 1),
                    s.get("seconds"),
                )

    def _owner(self, raw: str, when: int) -> str | None:
        if ":" not in raw:
            return raw
        for name, account, begin, end in self.world.mapping:
            inside = (begin is None or day(begin) <= when) and (end is None or when <= day(end))
            if name == raw and inside:
                return account
        return None

    # --- one account, one period ---

    def at(self, account: str, period: int) -> Moment:
        row = self.facts.roster.accounts.index(account)
        start = int(self.facts.roster.start[row])
        known = bool(self.facts.roster.signup_known[row])
        return Moment(self, account, row, start if known else -(10**9), start, self.spans[period][1], period)

    def period_of(self, when: int) -> int | None:
        return self.periods.get(when)


@dataclass(frozen=True)
class Moment:
    """An account at a day; `end` may lie before the end of the period."""

    ref: Reference
    account: str
    row: int
    start: int
    seen_from: int
    end: int
    period: int

    def back(self, days: int) -> Moment:
        return Moment(
            self.ref, self.account, self.row, self.start, self.seen_from, self.end - days, self.period
        )

    @property
    def alive(self) -> bool:
        return bool(self.ref.facts.roster.on[self.row, self.period])

    def known(self, when: int) -> bool:
        period = self.ref.period_of(when)
        return period is not None and bool(self.ref.covered[period] and self.ref.on[self.row][period])

    def days(self, window: int) -> range:
        return range(max(self.end - window + 1, self.start), self.end + 1)

    def enough(self, window: int) -> bool:
        days = self.days(window)
        known = sum(self.known(d) for d in days)
        return known > 0 and 2 * known >= len(days)

    def whole(self, window: int) -> bool:
        """All known but the days of a single period of the panel."""
        gaps = {self.ref.period_of(d) for d in self.days(window) if not self.known(d)}
        return self.enough(window) and len(gaps) <= 1 and None not in gaps

    def on_roster(self, window: int) -> bool:
        if self.end - window + 1 < self.start:
            return False
        periods = (self.ref.period_of(d) for d in range(self.end - window + 1, self.end + 1))
        return all(p is None or bool(self.ref.facts.roster.on[self.row, p]) for p in periods)

    def rows(self, window: int, selection: Selection | None = None) -> list[Seen]:
        """Known events of the window that are meant (None: activity)."""
        days = self.days(window)
        chosen = selection or self.ref.rules.definitions.activity
        inside = [e for e in self.ref.events[self.account] if days.start <= e.day < days.stop]
        return [e for e in inside if self.known(e.day) and means(chosen, e)]

    def additive(self, total: float, window: int) -> Answer:
        if not self.enough(window):
            return UNKNOWN
        days = self.days(window)
        return total * len(days) / sum(self.known(d) for d in days)

    def distinct(self, count: float, window: int) -> Answer:
        return count if self.whole(window) else UNKNOWN


def means(selection: Selection, event: Seen) -> bool:
    if selection.events is not None and event.event not in selection.events:
        return False
    if selection.features is not None and event.feature not in selection.features:
        return False
    return event.event not in selection.except_events


def expected(ref: Reference, metric: Metric, account: str, period: int) -> Answer:
    """The metric without its view at the end of a period; UNKNOWN outside the life of the account."""
    moment = ref.at(account, period)
    return measured(moment, metric) if moment.alive else UNKNOWN


def measured(m: Moment, metric: Metric) -> Answer:
    return METRICS[metric.name](m, metric.window or 0, metric)


def filled(m: Moment, answer: Answer, value: Callable[[Seen], object]) -> Answer:
    """Unknown until some row of anybody fills the column."""
    first = min(
        (
            e.day
            for name, events in m.ref.events.items()
            for e in events
            if value(e) is not None
            and means(m.ref.rules.definitions.activity, e)
            and e.day >= m.ref.at(name, 0).start
        ),
        default=10**9,
    )
    return UNKNOWN if m.end < first else answer


def events(m: Moment, window: int, _: Metric) -> Answer:
    return m.additive(sum(e.count for e in m.rows(window)), window)


def logins(m: Moment, window: int, metric: Metric) -> Answer:
    login = m.ref.rules.definitions.login
    if not isinstance(login, Selection):
        return active_days(m, window, metric)
    return m.additive(sum(e.count for e in m.rows(window, login)), window)


def core_workflows(m: Moment, window: int, _: Metric) -> Answer:
    return m.additive(sum(e.count for e in m.rows(window, m.ref.rules.definitions.core_workflow)), window)


def active_days(m: Moment, window: int, _: Metric) -> Answer:
    return m.additive(len({e.day for e in m.rows(window)}), window)


def minutes(m: Moment, window: int, _: Metric) -> Answer:
    total = sum(e.seconds or 0 for e in m.rows(window)) / 60
    return filled(m, m.additive(total, window), lambda e: e.seconds)


def sessions(m: Moment, window: int, _: Metric) -> Answer:
    first: dict[str, int] = {}
    for e in m.ref.events[m.account]:
        if e.session is not None and e.day >= m.start and means(m.ref.rules.definitions.activity, e):
            first[e.session] = min(e.day, first.get(e.session, e.day))
    begun = sum(d in m.days(window) and m.known(d) for d in first.values())
    return filled(m, m.additive(begun, window), lambda e: e.session)


def person(m: Moment, user: str | None, label: str = "person") -> object:
    known = m.ref.people.get(user or "")
    return user if known is None and label == "person" else known and known[label]


def active_users(m: Moment, window: int, _: Metric) -> Answer:
    users = {person(m, e.user) for e in m.rows(window) if e.user}
    return filled(m, m.distinct(len(users), window), lambda e: e.user)


def departments_active(m: Moment, window: int, _: Metric) -> Answer:
    if not any(p["account_id"] == m.account and p["department"] for p in m.ref.people.values()):
        return MISSING
    found = {person(m, e.user, "department") for e in m.rows(28) if e.user} - {None}
    return filled(m, m.distinct(len(found), 28), lambda e: e.user)


def used(m: Moment, window: int) -> set[str]:
    return {e.feature for e in m.rows(window) if e.feature}


def features(m: Moment, window: int, _: Metric) -> Answer:
    return filled(m, m.distinct(len(used(m, window)), window), lambda e: e.feature)


def advanced_features(m: Moment, window: int, _: Metric) -> Answer:
    names = set(m.ref.rules.definitions.advanced_features or ())
    return filled(m, m.distinct(len(used(m, window) & names), window), lambda e: e.feature)


def core_adoption(m: Moment, window: int, _: Metric) -> Answer:
    names = set(m.ref.rules.definitions.core_features or ())
    return filled(m, m.distinct(len(used(m, window) & names) / len(names), window), lambda e: e.feature)


def features_dropped(m: Moment, window: int, _: Metric) -> Answer:
    if not m.on_roster(2 * window):
        return MISSING
    older = m.back(window)
    dropped = used(older, window) - used(m, window)
    return filled(m, m.distinct(len(dropped), 2 * window), lambda e: e.feature)


def top_feature_share(m: Moment, window: int, _: Metric) -> Answer:
    counts: dict[str, int] = {}
    for e in m.rows(window):
        if e.feature:
            counts[e.feature] = counts.get(e.feature, 0) + e.count
    if not m.whole(window):
        return UNKNOWN
    total = sum(counts.values())
    return max(counts.values()) / total if total else MISSING


def ratio(top: Answer, bottom: Answer) -> Answer:
    if bottom == 0:
        return MISSING
    if isinstance(top, str) or isinstance(bottom, str):
        return UNKNOWN
    return top / bottom


def events_per_user(m: Moment, window: int, metric: Metric) -> Answer:
    return ratio(events(m, window, metric), active_users(m, window, metric))


def minutes_per_session(m: Moment, window: int, metric: Metric) -> Answer:
    return ratio(minutes(m, window, metric), sessions(m, window, metric))


def weeks(m: Moment) -> list[int]:
    return [sum(e.count for e in m.back(7 * w).rows(7)) for w in range(12)]


def variation_12w(m: Moment, _: int, __: Metric) -> Answer:
    if not m.on_roster(84):
        return MISSING
    if not all(m.known(d) for d in m.days(84)):
        return UNKNOWN
    mean = sum(weeks(m)) / 12
    if mean == 0:
        return MISSING
    return math.sqrt(sum((n - mean) ** 2 for n in weeks(m)) / 12) / mean


def active_weeks_12w(m: Moment, _: int, __: Metric) -> Answer:
    return m.distinct(sum(bool(m.back(7 * w).rows(7)) for w in range(12)), 84)


def weeks_since_active(m: Moment, _: int, __: Metric) -> Answer:
    chosen = m.ref.rules.definitions.activity
    seen = [e.day for e in m.ref.events[m.account] if m.start <= e.day <= m.end and means(chosen, e)]
    period = m.ref.period_of(m.end)
    opening = m.ref.spans[0][0] if period is None else m.ref.spans[period][0]
    if not (m.known(m.end) or (seen and max(seen) >= opening)):
        return UNKNOWN
    on = m.ref.facts.roster.on[m.row]
    first = next(i for i, here in enumerate(on) if here)
    older = m.start < m.ref.spans[0][0] and (
        bool(m.ref.facts.roster.signup_known[m.row]) or bool(on[:4].any())
    )
    if not seen and older and (period or 0) < first + 4:
        return UNKNOWN
    since = max(seen) if seen else max(m.start, m.ref.spans[0][0] - 1)
    return sum(m.known(d) for d in range(since + 1, m.end + 1)) // 7


def days_to_feature(m: Moment, _: int, metric: Metric) -> Answer:
    begin = epoch_day(m.ref.facts.coverage["usage"].first)
    if m.start < begin:
        return MISSING
    chosen = m.ref.rules.definitions.activity
    seen = [
        e.day
        for e in m.ref.events[m.account]
        if e.feature == metric.argument and m.start <= e.day <= m.end and means(chosen, e)
    ]
    if seen:
        return min(seen) - m.start
    return MISSING if all(m.known(d) for d in range(m.start, m.end + 1)) else UNKNOWN


def tenure_days(m: Moment, _: int, __: Metric) -> Answer:
    return m.end - m.seen_from if m.end >= m.seen_from else MISSING


METRICS: dict[str, Callable[[Moment, int, Metric], Answer]] = {
    "logins": logins,
    "sessions": sessions,
    "events": events,
    "active_days": active_days,
    "active_users": active_users,
    "minutes": minutes,
    "features": features,
    "events_per_user": events_per_user,
    "minutes_per_session": minutes_per_session,
    "core_adoption": core_adoption,
    "advanced_features": advanced_features,
    "core_workflows": core_workflows,
    "top_feature_share": top_feature_share,
    "features_dropped": features_dropped,
    "departments_active": departments_active,
    "variation_12w": variation_12w,
    "active_weeks_12w": active_weeks_12w,
    "weeks_since_active": weeks_since_active,
    "days_to_feature": days_to_feature,
    "tenure_days": tenure_days,
}


def viewed(ref: Reference, metric: Metric, account: str, period: int) -> Answer:
    """`.previous`, `.last_year`, `.change`, `.vs_last_year` and `.delta`."""
    m = ref.at(account, period)
    if not m.alive:
        return UNKNOWN
    back = 364 if metric.view in ("last_year", "vs_last_year") else metric.window or 28
    length = {"variation_12w": 84, "active_weeks_12w": 84, "departments_active": 28}.get(metric.name)
    base = measured(m.back(back), metric) if m.back(back).on_roster(length or metric.window or 1) else MISSING
    if metric.view in ("previous", "last_year"):
        return base
    now = measured(m, metric)
    if MISSING in (now, base):
        return MISSING
    if metric.view == "delta" or metric.name in ("core_adoption", "top_feature_share"):
        return UNKNOWN if isinstance(now, str) or isinstance(base, str) else now - base
    level = metric.name in LEVELS
    if not isinstance(base, str) and (base == 0 or (not level and base < 5)):
        return MISSING
    return UNKNOWN if isinstance(now, str) or isinstance(base, str) else now / base - 1


LEVELS = (
    "events_per_user",
    "minutes_per_session",
    "variation_12w",
    "weeks_since_active",
    "days_to_feature",
    "tenure_days",
)


def iso(days: int) -> str:
    return date.fromordinal(date(1970, 1, 1).toordinal() + days).isoformat()
