"""What the data of a new workspace support: how much history, whose usage, what is missing."""

from __future__ import annotations

from collections import Counter

from segkit.engine.results import Decisions
from segkit.facts.load import Loaded
from segkit.reports.words import day, listed, number, plural, share
from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.expr import Metric, operands
from segkit.ruleset.model import RuleSet, Segment

MOSTLY = 0.5
"""Share of accounts without a value from which a metric counts as mostly unknown."""
OWN_YEAR_DAYS = 2 * 364
USUAL_DAYS = 26 * 7
RECENT_DAYS = 12 * 7
GIVES = {
    "contacts": "whose usage is whose, and champions who leave",
    "tickets": "support load and escalations",
    "surveys": "NPS and satisfaction",
    "subscriptions": "seats and renewals",
    "milestones": "how far onboarding is",
    "touchpoints": "when you last spoke",
    "payments": "overdue invoices",
    "accounts": "names, ARR, renewal dates",
    "usage": "everything about use",
}
"""Source -> what it adds, the most useful first."""
IDS = {"user": "user ids", "account": "account ids"}
"""Kind of id -> what to call ids of it that nobody claims; web domains stand for themselves."""


def supports(rules: RuleSet, loaded: Loaded, decisions: Decisions) -> tuple[str, ...]:
    """Sentences, each one line of the first screen's last part."""
    unknown = mostly_unknown(decisions)
    said = [history(loaded), *_matched(loaded)]
    if unknown:
        said.append(f"Mostly unknown: {listed(unknown, 4)}{_weakens(rules, unknown)}.")
    if decisions.off:
        off = [f"{segment} ({why})" for segment, why in decisions.off.items()]
        said.append(f"Off: {listed(off, 4)}.")
    wish = most_helpful(rules, loaded)
    if wish:
        said.append(f"The one file that would help most: {wish} ({GIVES[wish]}).")
    return tuple(said)


def history(loaded: Loaded) -> str:
    calendar, periods = loaded.facts.calendar, loaded.facts.periods
    first, last = calendar.start(int(periods[0])), calendar.end(int(periods[-1]))
    days = (last - first).days + 1
    head = f"{plural(len(periods), calendar.unit)} of history, from {day(first)}"
    if days >= OWN_YEAR_DAYS:
        return f"{head}: enough for comparisons with an account's own last year."
    if days >= USUAL_DAYS + RECENT_DAYS:
        return f"{head}: enough for what is usual for an account; two years show its seasons."
    if days >= RECENT_DAYS:
        return f"{head}: enough for recent change; what is usual needs 38 weeks."
    return f"{head}: only levels and short changes mean something yet."


def mostly_unknown(decisions: Decisions) -> list[str]:
    """Metrics without a value for most accounts at as_of, the emptiest first."""
    shares = decisions.metrics_unknown or {}
    return [key for key, part in sorted(shares.items(), key=lambda kv: (-kv[1], kv[0])) if part >= MOSTLY]


def most_helpful(rules: RuleSet, loaded: Loaded) -> str | None:
    """The source not given that most segments read; contacts where usage matches badly."""
    facts = loaded.facts
    given = {count.source for count in facts.counts}
    if "contacts" not in given and loaded.matched is not None and loaded.matched < 0.9 and _by_person(loaded):
        return "contacts"
    wanted: Counter[str] = Counter()
    for segment in rules.segments:
        wanted.update(
            {s for m in read_by(segment) if (s := _source(rules, m)) and s in GIVES and s not in given}
        )
    places = list(GIVES)
    return min(wanted, key=lambda s: (-wanted[s], places.index(s))) if wanted else None


def _by_person(loaded: Loaded) -> bool:
    """Whether some of the usage nobody claims names users or addresses, which contacts could resolve."""
    return any(name not in ("account", "?") for name, _ in loaded.unmatched)


def read_by(segment: Segment) -> set[Metric]:
    """Metrics that a segment's own conditions read."""
    conditions = [c for c in (segment.enter, segment.exit, segment.at_once) if c is not None]
    return {o for condition in conditions for o in operands(condition) if isinstance(o, Metric)}


def _source(rules: RuleSet, metric: Metric) -> str | None:
    custom = rules.metrics.get(metric.name)
    if custom is not None:
        return custom.source
    spec = METRICS.get(metric.name)
    return spec.source if spec else None


def _matched(loaded: Loaded) -> list[str]:
    if loaded.matched is None:
        return []
    who = [f"{IDS.get(name, name)} ({number(rows)} rows)" for name, rows in loaded.unmatched]
    rest = f"; unmatched most: {listed(who, 3)}" if who else ""
    return [f"{share(loaded.matched)} of the usage rows belong to an account{rest}."]


def _weakens(rules: RuleSet, unknown: list[str]) -> str:
    keys = set(unknown)
    names = [s.name for s in rules.segments if any(m.key in keys or m.base in keys for m in read_by(s))]
    return f"; weakens {listed(names, 4)}" if names else ""
