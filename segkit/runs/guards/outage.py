"""Did the usage export, and not the customers, fall silent in a week that is decided now?"""

from __future__ import annotations

from segkit.engine.baselines.outage import LEAST_ACCOUNTS
from segkit.engine.results import Outage
from segkit.errors import Tripped
from segkit.runs.guards.case import Case

NAME = "suspected_outage"


def suspected_outage(case: Case) -> Tripped | None:
    """The weeks in which too many of the accounts that come every week have no usage row."""
    found = [outage for outage in case.decisions.outages if case.judges(outage.week)]
    if not found:
        return None
    weeks = [outage.week.isoformat() for outage in found]
    limits = sorted(outage.limit for outage in found)
    share = " to ".join(dict.fromkeys(f"{limit:.1%}" for limit in (limits[0], limits[-1])))
    return Tripped(
        NAME,
        saw="; ".join(_said(outage) for outage in found),
        expected=f"at most {LEAST_ACCOUNTS} of them, or {share}",
        what_to_do="export the usage again and run again; if the rows are lost, accept it: these zeros stay "
        "unknown and move nobody; if these accounts really did nothing, let the zeros count: "
        f"no_outage: [{', '.join(weeks)}] under usage in segkit.yaml",
    )


def _said(outage: Outage) -> str:
    return (
        f"in the week to {outage.week} {outage.silent} of the {outage.steady} accounts that come every week "
        f"({outage.silent / outage.steady:.1%}) have no usage row"
    )
