"""The workspace file of a simulated workspace."""

from __future__ import annotations

from datetime import date

_TEXT = """\
# What the exports mean. Rules are elsewhere: `rules` names them.
version: 1
name: Example SaaS
timezone: UTC
period: week
week_ends: sunday
rules: shipped:saas            # or a file of your own, such as rules/mine.yaml

sources:
  accounts:
    files: accounts_{date}.csv # one snapshot a month; the date in the name says when it was true
  contacts:
    files: contacts.csv
  usage:
    files: usage_*.csv.gz
    delivery: append           # every file holds days of its own
    through: @THROUGH@
  tickets:
    files: tickets.csv
  surveys:
    files: surveys.csv
  touchpoints:
    files: touchpoints.csv
  milestones:
    files: milestones.csv
  subscriptions:
    files: subscriptions.csv
  payments:
    files: payments.csv
  traits:
    files: traits.csv

definitions:
  login: {events: [login]}
  activity: {except_events: [email_opened, api_heartbeat]}
  core_features: [dashboards, reports, sharing, alerts, api]
  advanced_features: [api, automation, forecasts]
  core_workflow: {events: [workflow_completed]}
  expected_milestones:         # days after signup
    kickoff: 14
    data_connected: 25
    first_report: 35
    team_invited: 50
    first_workflow: 70
  first_value: first_report
  positive_topics: [praise, how_to_advanced]
capacity:                      # hours a week for the tasks of the work list
  hours: 10
  owners: {sales: 20, digital: 30}
topics:                        # words of comments and tickets, counted by segkit report topics
  money: [billing, invoice*, price*]
  trouble: [bug*, broken, permissions]
  learning: [how to, training]
"""


def workspace_file(through: date) -> str:
    """`segkit.yaml` for exports that reach to this day."""
    return _TEXT.replace("@THROUGH@", through.isoformat())
