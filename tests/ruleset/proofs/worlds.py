"""Random rule sets as text, and random accounts that could exist."""

from __future__ import annotations

import random

from tests.ruleset.proofs.engine import MISSING, Cell

WINDOWS = {"logins": (7, 28, 84), "active_days": (7, 28), "features": (14, 28)}
LIMITS = {
    "logins_7d": (0, 1, 2, 3, 5, 8),
    "logins_28d": (0, 2, 3, 4, 8, 12),
    "logins_84d": (0, 3, 20),
    "active_days_7d": (0, 1, 4, 7, 8),
    "active_days_28d": (0, 3, 16, 28, 30),
    "features_14d": (0, 1, 2, 4),
    "features_28d": (0, 1, 2, 5),
    "tenure_days": (0, 30, 90, 365),
    "weeks_since_active": (0, 1, 4),
    "nps_latest": (0, 6, 9, 10),
    "milestones_done": (0, 2, 5),
    "milestones_overdue": (0, 2, 5),
}
SHARES = {
    "events_28d.change": (-1.0, -0.5, -0.3, 0.0, 0.3),
    "core_adoption_28d": (0.0, 0.4, 0.8, 1.0),
    "events_28d.percentile": (0.25, 0.75),
}
PLANS = ("Team", "Business", "Free")
SIGNS = ("under", "at most", "over", "at least", "is", "is not")


def leaf(chance: random.Random) -> str:
    match chance.randrange(12):
        case 0:
            return chance.choice(("notice_given", "not notice_given"))
        case 1:
            return f'plan {chance.choice(("is", "is not"))} "{chance.choice(PLANS)}"'
        case 2:
            return f"{chance.choice([*LIMITS, *SHARES, 'plan'])} {chance.choice(('is', 'is not'))} missing"
        case 3:
            key = chance.choice([*SHARES])
            return f"{key} {chance.choice(SIGNS[:4])} {round(chance.choice(SHARES[key]) * 100)}%"
        case 4:
            one, other = chance.sample(
                ["milestones_done", "milestones_overdue", "logins_7d", "logins_28d"], 2
            )
            return f"{one} {chance.choice(SIGNS[:5])} {other}"
        case 5:
            return f"logins_28d / 4 {chance.choice(SIGNS[:4])} {chance.choice((1, 2, 3))}"
        case 6:
            return f"events_28d.change at most {chance.choice(('$drop', '-20%'))}"
        case _:
            key = chance.choice([*LIMITS])
            return f"{key} {chance.choice(SIGNS)} {chance.choice(LIMITS[key])}"


def condition(chance: random.Random, depth: int = 2) -> str:
    if depth == 0 or chance.random() < 0.25:
        return leaf(chance)
    parts = [condition(chance, depth - 1) for _ in range(chance.randint(2, 3))]
    match chance.randrange(7):
        case 0 | 1 | 2:
            return f"({' and '.join(f'({part})' for part in parts)})"
        case 3 | 4:
            return f"({' or '.join(f'({part})' for part in parts)})"
        case 5:
            return f"at least {chance.randint(1, len(parts))} of ({', '.join(parts)})"
        case _:
            return f"not ({parts[0]})"


def rule_text(chance: random.Random) -> str:
    lines = ["version: 1", "name: random", "thresholds:"]
    lines += ["  drop: {default: -30%, by: plan, values: {Free: -40%}}", "segments:"]
    for name in ("one", "two", "three"):
        lines += [f"  - name: {name}", f"    enter: '{condition(chance)}'"]
        if chance.random() < 0.5:
            lines.append(f"    exit: '{condition(chance, 1)}'")
        if chance.random() < 0.3:
            lines.append(f"    enter_after: {chance.randint(1, 4)} weeks")
    lines += ["dimensions:", "  stage:"]
    for name in ("young", "old"):
        low, high = sorted(chance.sample((0, 30, 60, 90, 120), 2))
        lines += [
            f"    - name: {name}",
            f"      enter: {low} <= tenure_days {chance.choice(('<', '<='))} {high}",
        ]
    return "\n".join(lines) + "\n"


def account(chance: random.Random) -> dict[str, Cell]:
    """Values near the limits that rules like, in the orders that hold between them."""
    found: dict[str, Cell] = {}
    for name, windows in WINDOWS.items():
        value = 0.0
        for window in windows:
            most = float(window) if name == "active_days" else 40.0
            value = min(most, value + chance.choice((0, 0, 1, 2, 4, 9, 1.5)))
            found[f"{name}_{window}d"] = value
    for key in ("tenure_days", "weeks_since_active", "nps_latest", "milestones_done", "milestones_overdue"):
        found[key] = max(0.0, float(chance.choice(LIMITS[key]) + chance.choice((-1, 0, 1))))
    found["nps_latest"] = min(10.0, float(str(found["nps_latest"])))
    for key, limits in SHARES.items():
        least = -1.0 if key.endswith("change") else 0.0
        near = chance.choice(limits) + chance.choice((-0.1, 0.0, 0.001, 0.2))
        found[key] = max(least, near if least < 0 else min(1.0, near))
    found["plan"] = chance.choice((*PLANS, "Other"))
    for key in list(found):
        if chance.random() < 0.12:
            found[key] = chance.choice((None, MISSING))
    found["notice_given"] = float(chance.random() < 0.5)
    return found
