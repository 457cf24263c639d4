"""Workspaces over third-party data that lies beside the checkout; they are read there, never copied.

ravenstack: usage keyed by subscription, dd-mm-yyyy dates. openstack: companies as accounts, people as
users, components as features, commits as events; contacts come from the published identity tables. The same
commits with each person as an account of their own.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

DATA = Path(__file__).parents[3] / "shared" / "data"
SOURCE = DATA / "openstack"
REPOSITORIES = ("cinder", "keystone")

RAVENSTACK = """\
version: 1
name: RavenStack
rules: shipped:saas
exports: {exports}
sources:
  accounts:
    files: ravenstack_accounts.csv
    columns: {{name: account_name, region: country, plan: plan_tier}}
    dates: "%d-%m-%Y"
  usage:
    files: ravenstack_feature_usage.csv
    columns:
      event_id: usage_id
      at: usage_date
      feature: feature_name
      count: usage_count
      seconds: usage_duration_secs
    keys: [subscription_id]
    dates: "%d-%m-%Y"
  subscriptions:
    files: ravenstack_subscriptions.csv
    columns: {{starts_on: start_date, ends_on: end_date, mrr: mrr_amount, plan: plan_tier}}
    dates: "%d-%m-%Y"
  tickets:
    files: ravenstack_support_tickets.csv
    columns:
      opened_at: submitted_at
      resolved_at: closed_at
      satisfaction: satisfaction_score
      escalated: escalation_flag
    dates: {{opened_at: "%d-%m-%Y", resolved_at: "%d-%m-%Y %H:%M"}}
definitions:
  login: active_day
  core_features: [feature_1, feature_2, feature_3, feature_4, feature_5]
  advanced_features: [feature_38, feature_39, feature_40]
"""

OPENSTACK = """\
version: 1
name: OpenStack
rules: shipped:saas
exports: exports
sources:
  accounts: {files: accounts.csv}
  contacts: {files: contacts.csv, dates: "%Y-%b-%d"}
  usage:
    files: [cinder_file_events.csv, keystone_file_events.csv]
    columns: {at: authored_at, email: author_email, feature: component, arrived_at: committed_at}
    delivery: append
definitions:
  login: active_day
  core_features: [cinder/volume, cinder/tests, cinder/api, keystone/tests, keystone/common]
  advanced_features: [doc/source, etc/cinder, cinder/db, keystone/token]
"""


def ravenstack(folder: Path) -> Path:
    """A workspace that reads the third-party files where they lie."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "segkit.yaml").write_text(RAVENSTACK.format(exports=DATA / "ravenstack"))
    return folder


def openstack(folder: Path) -> Path:
    """A workspace whose accounts and contacts are built from the published identity tables."""
    people = contacts()
    return _openstack(folder, accounts(people), people)


def openstack_people(folder: Path, until: date) -> Path:
    """The same commits with people as accounts: those with commits in at least 13 weeks of 2012 to `until`.

    One who commits no more, to the end of the data in 2026, is closed half a year after the last commit.
    """
    emails = pl.read_csv(SOURCE / "people_emails.csv", infer_schema=False)
    commits = events().join(emails, left_on="author_email", right_on="email")
    day = pl.col("day")
    weeks = day.filter(day.is_between(date(2012, 1, 1), until)).dt.truncate("1w").n_unique()
    people = commits.group_by("person").agg(weeks=weeks, last=day.max()).filter(pl.col("weeks") >= 13)
    closed = pl.col("last") + pl.duration(days=182)
    roster = people.select(
        account_id="person", name="person", churned_at=pl.when(closed <= until).then(closed)
    ).sort("account_id")
    seen = emails.join(people, on="person", how="semi").sort("person", "email")
    return _openstack(folder, roster, seen.select(user_id="person", email="email", account_id="person"))


def _openstack(folder: Path, accounts: pl.DataFrame, contacts: pl.DataFrame) -> Path:
    exports = folder / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    (folder / "segkit.yaml").write_text(OPENSTACK)
    for repo in REPOSITORIES:
        (exports / f"{repo}_file_events.csv").symlink_to(SOURCE / f"{repo}_file_events.csv")
    contacts.write_csv(exports / "contacts.csv")
    accounts.write_csv(exports / "accounts.csv")
    return folder


def events() -> pl.DataFrame:
    """author_email and day of every commit to a component."""
    return pl.concat(
        pl.scan_csv(SOURCE / f"{repo}_file_events.csv", infer_schema=False).select(
            "author_email", day=pl.col("authored_at").str.slice(0, 10).str.to_date("%Y-%m-%d")
        )
        for repo in REPOSITORIES
    ).collect()


def accounts(people: pl.DataFrame) -> pl.DataFrame:
    """Companies whose people committed; one silent for 180 days is closed on the last of them."""
    seen = people.join(events(), left_on="email", right_on="author_email", how="semi")
    activity = pl.read_csv(SOURCE / "company_activity_to_2019_04.csv", infer_schema=False)
    closed = pl.when(pl.col("departed_180d") == "True").then(
        pl.col("last").str.slice(0, 10).str.to_date("%Y-%m-%d") + pl.duration(days=180)
    )
    return (
        pl.read_csv(SOURCE / "companies.csv", infer_schema=False)
        .filter(~pl.col("company_name").str.starts_with("*"))
        .join(seen, left_on="company_name", right_on="account_id", how="semi")
        .join(activity, left_on="company_name", right_on="company")
        .select(account_id="company_name", name="company_name", domains="domains", churned_at=closed)
        .sort("account_id")
    )


def contacts() -> pl.DataFrame:
    """One line per person, e-mail and employer, with the dates between which the employer held."""
    jobs = (
        pl.read_csv(SOURCE / "people_companies.csv", infer_schema=False)
        .filter(~pl.col("company").str.starts_with("*"))
        .with_columns(end=pl.col("until").str.to_date("%Y-%b-%d"))
        .sort("person", "end", "company", nulls_last=True)
        .with_columns(begin=pl.col("until").shift(1).over("person"))
    )
    emails = pl.read_csv(SOURCE / "people_emails.csv", infer_schema=False)
    return (
        emails.join(jobs, on="person")
        .select(
            user_id="person",
            email="email",
            account_id="company",
            created_at="begin",
            deactivated_at="until",
        )
        .sort("user_id", "email", "account_id", "created_at")
        .unique(["user_id", "email", "account_id"], keep="last", maintain_order=True)
    )
