"""Rule files with one fault each. « stands before the first character that the message has to point at."""

from __future__ import annotations

from dataclasses import dataclass

FRAME = """\
version: 1
name: planted
peers: [industry]
thresholds:
  big_drop: -30%
conditions:
  clear_drop: events_28d.vs_expected at most $big_drop
segments:
  - name: at_risk
    playbook: call
    enter: clear_drop
playbooks:
  call: {goal: Back.}
"""


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    text: str
    code: str
    hint: str | None
    """A piece of the right suggestion."""
    today: str | None = None


def enter(expression: str) -> str:
    return FRAME.replace("enter: clear_drop", f"enter: {expression}")


def more(lines: str) -> str:
    return FRAME.replace("playbooks:\n", f"{lines}playbooks:\n")


def segment(lines: str) -> str:
    return FRAME.replace("playbooks:\n", f"  - name: «other\n    playbook: call\n{lines}playbooks:\n", 1)


def stages(first: str, second: str) -> str:
    return more(
        f"dimensions:\n  stage:\n    - name: young\n      enter: {first}\n"
        f"    - name: old\n      enter: «{second}\n"
    )


MISTAKES = (
    Fault("a metric", enter("«loggins_28d under 2"), "R104", "'logins_28d'"),
    Fault("a key", FRAME.replace("  - name: at_risk", "  - «nmae: at_risk"), "R110", "'name'"),
    Fault("a segment", more("flags:\n  - {name: f, enter: '«member(at_rsik)'}\n"), "R102", "'at_risk'"),
    Fault("a threshold", FRAME.replace("$big_drop", "«$bigdrop"), "R103", "'big_drop'"),
    Fault("a view", enter("«events_28d.vs_expcted under 0%"), "R105", "'vs_expected'"),
    Fault("a playbook", FRAME.replace("playbook: call", "playbook: «cal"), "R115", "'call'"),
    Fault("a condition", enter("«clear_drp"), "R104", "'clear_drop'"),
    Fault("an attribute", enter('«indstry is "Retail"'), "R104", "'industry'"),
    Fault("capitals", enter("«Logins_28d under 2"), "R104", "'logins_28d'"),
    Fault("weeks in a name", enter("«logins_4w under 2"), "R104", "'logins_28d'"),
    Fault("a peer", FRAME.replace("[industry]", "[«industri]"), "R104", "'industry'"),
    Fault("a sign", enter("logins_28d «=< 3"), "R101", "'<='"),
    Fault("another word", enter("logins_28d «below 3"), "R101", "'under'"),
    Fault("two other words", enter("logins_28d «less than 3"), "R101", "'under'"),
    Fault("a text without quotes", enter("plan is «Team"), "R104", '"Team"'),
    Fault(
        "a colon in a text", enter("clear_drop\n    means: Notice«: given"), "S101", "quote the whole text"
    ),
    Fault("an open list", FRAME.replace("[industry]", "«[industry"), "S101", None),
    Fault("a bracket without a partner", enter('"(logins_28d under «3"'), "R101", "quote the whole"),
    Fault("a tab", FRAME.replace("    enter:", "«\tenter:"), "S101", "indent with spaces"),
    Fault("a key twice", FRAME.replace("    enter:", "    «playbook: call\n    enter:"), "S102", "keep one"),
    Fault("a percentage of a count", enter("logins_28d under «50%"), "R112", "logins_28d.change"),
    Fault("a share without %", enter("core_adoption_28d under «80"), "R107", "80%"),
    Fault("a percentage of points", enter("nps_latest.change at most «-30%"), "R112", "without %"),
    Fault("weeks against money", enter("arr under «2 weeks"), "R107", "without a unit"),
    Fault("ends turned round", enter("«tenure_days between 90 and 0"), "R106", "swap the two"),
    Fault("days in a workspace of weeks", enter("clear_drop\n    enter_after: «10 days"), "R113", "2 weeks"),
    Fault("a unit of time", enter("clear_drop\n    exit_after: «2 weekz"), "R113", "2 weeks"),
    Fault("a list alone", enter("\n      «- logins_28d under 2\n      - clear_drop"), "R110", "all: or any:"),
    Fault("a number alone", enter("«logins_28d"), "R106", "logins_28d at least"),
    Fault(
        "a circle of segments",
        more("  - {name: b, playbook: call, enter: not member(at_risk)}\n").replace(
            "enter: clear_drop", "enter: «member(b)"
        ),
        "R108",
        "leave one of the references out",
    ),
    Fault(
        "a name twice",
        segment("    enter: logins_28d over 9\n").replace("«other", "«at_risk"),
        "R111",
        "another",
    ),
    Fault(
        "a definition", enter("«core_adoption_28d under 80%"), "R109", "core_features: [dashboards, reports]"
    ),
)
"""Mistakes: what no run reads, and a definition that is not there."""

PROVED = (
    Fault(
        "7 days over 28",
        enter("«logins_7d over 5 and logins_28d under 3"),
        "R301",
        "change or drop",
    ),
    Fault("swapped limits", enter("«90 <= tenure_days and tenure_days < 30"), "R301", "did you swap"),
    Fault(
        "a shadow",
        segment("    enter: clear_drop and logins_28d under 3\n"),
        "R302",
        "put other above at_risk",
    ),
    Fault("always", enter("«logins_28d at least 0"), "R303", "ask for something"),
    Fault(
        "swapped thresholds",
        enter("events_28d.vs_expected at most -20%\n    exit: «events_28d.vs_expected at least -40%"),
        "R304",
        "further away",
    ),
    Fault(
        "an unknown exit",
        enter("clear_drop\n    exit: «events_28d.vs_expected at least -10%"),
        "R305",
        "'events_28d.vs_expected is missing'",
    ),
    Fault("a gap", stages("tenure_days under 90", "tenure_days over 90"), "R306", "begin or end there"),
    Fault(
        "an overlap",
        stages("tenure_days under 100", "tenure_days over 80"),
        "R307",
        "where the first one ends",
    ),
    Fault(
        "day 90",
        stages("tenure_days between 0 and 90", "tenure_days between 90 and 365"),
        "R308",
        "under instead of at most",
    ),
    Fault(
        "a long timer",
        segment("    enter: days_to_renewal between 0 and 14\n    enter_after: 4 weeks\n"),
        "R309",
        "enter_after: 3 weeks",
    ),
    Fault("little", enter("«events_91d.change at least 30%"), "R311", "events_91d.previous at least 20"),
    Fault("points", enter("«core_adoption_28d.change at most -30%"), "R312", "core_adoption_28d.delta"),
    Fault("out of range", enter("active_days_28d at least «30 or clear_drop"), "R201", None),
    Fault(
        "no way out",
        enter("clear_drop\n    exit: «logins_28d over 8 and logins_28d under 2"),
        "R316",
        "did you swap",
    ),
)
"""What is proved of rules that a run would read, each with an account that shows it."""

KEPT = (
    Fault(
        "vanity",
        FRAME.replace("playbooks:\n", "  - name: «other\n    enter: logins_28d over 9\nplaybooks:\n"),
        "R313",
        "playbook: call",
    ),
    Fault(
        "nine segments",
        more(
            "".join(
                f"  - {{name: {'«' if n == 8 else ''}s{n}, playbook: call, enter: arr over {9 - n}}}\n"
                for n in range(1, 9)
            )
        ),
        "R314",
        "dimensions:",
    ),
    Fault(
        "a review",
        FRAME.replace("peers:", "review_by: «2026-06-30\npeers:"),
        "R315",
        "segkit evaluate",
        "2026-07-01",
    ),
)
"""What makes rules hard to live with."""
