"""What `evaluate` and `tune` say of real departures, and of labels that are noise.

python -m benchmarks realdata

openstack: companies with 20 commits or more, the shipped rules; who falls silent for 180 days has left. The
end is counted twice: as the day of the last commit, which is the hard question, and as the 180th silent day,
when a vendor would know. ravenstack: its own dates of leaving, and 40 shufflings of them among the accounts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from msgspec.structs import replace

from segkit.facts.load import Loaded
from segkit.runs.evaluate import Decided, replay
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.given.lives import on_roster
from segkit.studies.evaluate import Evaluation, History, Lives, evaluate, once
from segkit.studies.evaluate.history import NEVER
from segkit.studies.evaluate.numbers import wilson
from segkit.workspace import open_workspace
from tests.realdata.workspaces import DATA, SOURCE, contacts, events, openstack, ravenstack

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
UNTIL = date(2019, 3, 31)
"""The identity truth of openstack ends in April 2019."""
SILENT, COMMITS, CALLS = 180, 20, 3
RISK = ("churning", "at_risk")
SHUFFLES = 40


def run() -> int:
    if not DATA.is_dir():
        print("third-party data sets do not lie beside the checkout")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        _openstack(Path(folder) / "openstack")
        return _ravenstack(Path(folder) / "ravenstack")


def _decided(folder: Path, as_of: date | None) -> tuple[Loaded, Decided]:
    workspace = open_workspace(folder)
    rules, _ = read_rules(workspace)
    loaded = read_facts(workspace, rules, now=NOW, as_of=as_of)
    return loaded, replay(rules, loaded)


def _openstack(folder: Path) -> None:
    # Nobody is taken off the list for having fallen silent: that is what is to be foretold.
    openstack(folder)
    accounts = pl.read_csv(folder / "exports/accounts.csv", infer_schema=False)
    accounts.drop("churned_at").write_csv(folder / "exports/accounts.csv")
    _, decided = _decided(folder, UNTIL)
    commits = pl.read_csv(SOURCE / "company_activity_to_2019_04.csv").filter(pl.col("commits") >= COMMITS)
    large = set(commits["company"].to_list())
    last = _last_commits()
    kept = np.array([name in large and name in last for name in decided.accounts])
    names = [name for name, keep in zip(decided.accounts, kept, strict=True) if keep]
    ends, until = decided.history.ends, int(decided.history.ends[-1])
    days = np.array([last[name] for name in names])
    silent = days + SILENT <= until
    print(
        f"\nopenstack: {len(names)} companies with {COMMITS} commits or more, "
        f"{int(silent.sum())} of them silent for {SILENT} days"
    )
    for what, end in (("the last commit", days), (f"the {SILENT}th silent day", days + SILENT)):
        code = decided.history.code[kept].copy()
        gone = np.where(silent, end, NEVER)
        code[gone[:, None] <= ends] = -3
        left = np.flatnonzero(silent)
        # Of the last commit it is not known until half a year later that it was the last.
        known = until - SILENT if what == "the last commit" else until
        lives = Lives(known, once(left, end[left]), np.full(len(names), NEVER))
        history = History(ends, decided.history.labels, code)
        _show(what, evaluate(history, lives, code != -3, RISK, per_period=CALLS))


def _last_commits() -> Mapping[str, int]:
    """Company -> epoch day of the last commit by its people, to UNTIL."""
    people = contacts()
    rows = events().join(people, left_on="author_email", right_on="email")
    begin, end = (pl.col(name) for name in ("created_at", "deactivated_at"))
    day = pl.col("day")
    within = (begin.is_null() | (day > begin.str.to_date("%Y-%b-%d"))) & (
        end.is_null() | (day <= end.str.to_date("%Y-%b-%d"))
    )
    rows = rows.filter(within & (day <= UNTIL))
    found = rows.group_by("account_id").agg(day.max().cast(pl.Int32).cast(pl.Int64))
    return dict(found.iter_rows())


def _show(what: str, found: Evaluation) -> None:
    print(f"  the end is {what}: {found.churned} ends")
    if found.refused is not None:
        print(f"    refused: {found.refused.why}")
        return
    risk, lead, calls = found.windows[0].risk, found.lead, found.capacity
    assert risk is not None
    assert lead is not None
    assert calls is not None
    ratio = (
        "too few"
        if risk.ratio is None
        else f"{risk.ratio.ratio:.1f} ({risk.ratio.low:.1f}-{risk.ratio.high:.1f})"
    )
    print(f"    in 13 weeks left: in risk {_of(risk.share)}, the rest {_of(risk.rest)}, ratio {ratio}")
    caught = ", ".join(f"{weeks}+ weeks {_share(k, lead.churned)}" for weeks, k in lead.at_least)
    print(f"    caught {_share(lead.caught, lead.churned)}, median lead {lead.median_weeks} weeks; {caught}")
    print(f"    {CALLS} calls a week: right {_share(calls.right, calls.calls)}, reached {_of(calls.reached)}")


def _of(share: Any) -> str:
    return _share(share.k, share.n)


def _share(k: int, n: int) -> str:
    low, high = wilson(k, n)
    return f"{k}/{n} ({100 * low:.0f}-{100 * high:.0f} %)"


def _ravenstack(folder: Path) -> int:
    """1 where more than one in ten shufflings claims anything of the risk segments."""
    loaded, decided = _decided(ravenstack(folder), None)
    told = pl.read_csv(DATA / "ravenstack/ravenstack_churn_events.csv", infer_schema=False)
    first = (
        told.select(
            "account_id", day=pl.col("churn_date").str.to_date("%d-%m-%Y").cast(pl.Int32).cast(pl.Int64)
        )
        .group_by("account_id")
        .agg(pl.col("day").min())
    )
    by_account = dict(first.iter_rows())
    churn = np.array([by_account.get(name, NEVER) for name in decided.accounts])
    on = on_roster(loaded.facts, decided.accounts, decided.history.ends)
    print(f"\nravenstack: {len(churn)} accounts, {int((churn < NEVER).sum())} with a date of leaving")
    rng, claims = np.random.default_rng(40), 0
    for turn in range(SHUFFLES + 1):
        found = _judged(decided.history, churn if turn == 0 else rng.permutation(churn), on)
        risk = None if found.refused is not None else found.windows[0].risk
        if turn == 0:
            verdict = "refused" if risk is None else f"{risk.verdict}, {_of(risk.share)} to {_of(risk.rest)}"
            print(f"  as told: {verdict}")
        elif risk is not None:
            claims += risk.verdict in ("higher", "lower")
    print(f"  shuffled: {claims} of {SHUFFLES} claim a difference (at most {SHUFFLES // 10})")
    return int(claims > SHUFFLES // 10)


def _judged(history: History, churn: np.ndarray, on: np.ndarray) -> Evaluation:
    ends = history.ends
    code = np.where(on & (churn[:, None] > ends), history.code, -3).astype(np.int16)
    left = np.flatnonzero(churn <= ends[-1])
    lives = Lives(int(ends[-1]), once(left, churn[left]), np.full(len(churn), NEVER))
    return evaluate(replace(history, code=code), lives, code != -3, RISK)
