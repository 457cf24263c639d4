"""Exports that nobody here made."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from segkit.facts.load import load
from segkit.facts.mapping import SourceConfig
from segkit.periods import Calendar
from tests.facts.exports import CountFold

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the third-party data sets are not here")
SETTINGS = {
    "calendar": Calendar(),
    "timezone": "UTC",
    "today": date(2026, 11, 22),
    "fold": CountFold(),
    "cache": None,
    "ledger": None,
}


def test_ravenstack_usage_finds_its_accounts_through_subscriptions() -> None:
    sources = {
        "accounts": SourceConfig(
            files="ravenstack_accounts.csv",
            columns={"name": "account_name", "plan": "plan_tier"},
            dates="%d-%m-%Y",
        ),
        "usage": SourceConfig(
            files="ravenstack_feature_usage.csv",
            columns={
                "at": "usage_date",
                "event_id": "usage_id",
                "feature": "feature_name",
                "count": "usage_count",
            },
            keys=["subscription_id"],
            dates="%d-%m-%Y",
        ),
        "subscriptions": SourceConfig(
            files="ravenstack_subscriptions.csv",
            columns={"starts_on": "start_date", "ends_on": "end_date", "mrr": "mrr_amount"},
            dates="%d-%m-%Y",
        ),
        "tickets": SourceConfig(
            files="ravenstack_support_tickets.csv",
            columns={"opened_at": "submitted_at", "resolved_at": "closed_at", "escalated": "escalation_flag"},
            dates={"opened_at": "%d-%m-%Y", "resolved_at": "%d-%m-%Y %H:%M"},
        ),
    }
    loaded = load(sources, exports=DATA / "ravenstack", as_of=None, **SETTINGS)  # type: ignore[arg-type]
    assert (loaded.facts.as_of, len(loaded.facts.roster.accounts)) == (date(2024, 12, 29), 500)
    # A subscription says whose its usage is, also before it starts.
    assert loaded.matched == 1.0
    assert [problem.code for problem in loaded.problems] == ["D111", "D312", "D313"]
    assert "13,190 of 24,917 usage rows lie before the signup" in loaded.problems[0].what
    usage = next(count for count in loaded.facts.counts if count.source == "usage")
    assert (usage.read, usage.accepted, dict(usage.reasons)) == (25000, 24979, {"D203": 21})
    tickets = loaded.facts.tables["tickets"]
    hours = (tickets["resolved_at_seconds"] - tickets["opened_at_seconds"]) / 3600
    assert hours.head(2).to_list() == [27.0, 27.0]


def test_openstack_people_find_their_companies_by_domain() -> None:
    sources = {
        "accounts": SourceConfig(files="companies.csv", columns={"account_id": "company_name"}),
        "usage": SourceConfig(
            files=["keystone_commits.csv", "cinder_commits.csv"],
            columns={
                "at": "authored_at",
                "email": "author_email",
                "event_id": "commit_id",
                "feature": "repo",
            },
        ),
    }
    loaded = load(sources, exports=DATA / "openstack", as_of=date(2019, 3, 31), **SETTINGS)  # type: ignore[arg-type]
    usage = next(count for count in loaded.facts.counts if count.source == "usage")
    assert usage.read == usage.accepted + usage.rejected + usage.excluded == 37154
    assert loaded.matched is not None
    assert 0.1 < loaded.matched < 0.9
    assert "gmail.com" in dict(loaded.unmatched)
