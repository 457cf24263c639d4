"""Workspaces over third-party data that lies beside the checkout; they are read there, never copied.

ravenstack: usage keyed by subscription, dd-mm-yyyy dates. openstack: companies as accounts, people as
users, components as features, commits as events; contacts come from the published identity tables.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

DATA = Path(__file__).parents[3] / "shared" / "data"

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
    source = DATA / "openstack"
    exports = folder / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    (folder / "segkit.yaml").write_text(OPENSTACK)
    for name in ("cinder_file_events.csv", "keystone_file_events.csv"):
        (exports / name).symlink_to(source / name)
    people = contacts(source)
    people.write_csv(exports / "contacts.csv")
    accounts(source, people).write_csv(exports / "accounts.csv")
    return folder


def accounts(source: Path, people: pl.DataFrame) -> pl.DataFrame:
    """Companies whose people committed; one silent for 180 days is closed on the last of them."""
    events = pl.concat(
        pl.scan_csv(source / f"{repo}_file_events.csv", infer_schema=False).select("author_email")
        for repo in ("cinder", "keystone")
    ).collect()
    seen = people.join(events, left_on="email", right_on="author_email", how="semi")
    activity = pl.read_csv(source / "company_activity_to_2019_04.csv", infer_schema=False)
    closed = pl.when(pl.col("departed_180d") == "True").then(
        pl.col("last").str.slice(0, 10).str.to_date("%Y-%m-%d") + pl.duration(days=180)
    )
    return (
        pl.read_csv(source / "companies.csv", infer_schema=False)
        .filter(~pl.col("company_name").str.starts_with("*"))
        .join(seen, left_on="company_name", right_on="account_id", how="semi")
        .join(activity, left_on="company_name", right_on="company")
        .select(account_id="company_name", name="company_name", domains="domains", churned_at=closed)
        .sort("account_id")
    )


def contacts(source: Path) -> pl.DataFrame:
    """One line per person, e-mail and employer, with the dates between which the employer held."""
    jobs = (
        pl.read_csv(source / "people_companies.csv", infer_schema=False)
        .filter(~pl.col("company").str.starts_with("*"))
        .with_columns(end=pl.col("until").str.to_date("%Y-%b-%d"))
        .sort("person", "end", "company", nulls_last=True)
        .with_columns(begin=pl.col("until").shift(1).over("person"))
    )
    emails = pl.read_csv(source / "people_emails.csv", infer_schema=False)
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
