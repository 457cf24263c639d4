"""Every vendor's own tables, read by its preset, end in an assignment; five vendors' together by `init`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from segkit.runs import assign
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.realdata.workspaces import DATA

VENDORS = DATA / "vendor_exports"
pytestmark = pytest.mark.skipif(
    not VENDORS.is_dir(), reason="third-party data sets do not lie beside the checkout"
)
CONTACT = "5f7295ca37f0d717d37dfddb"
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
# The tables hold few days, so that a day is decided, not a week.
HEAD = """\
version: 1
name: Vendors
period: day
rules: rules.yaml
sources:
"""
RULES = """\
version: 1
name: vendors
segments:
  - name: seen
    enter:
      any:
        - events_28d at least 1
        - tickets_28d at least 1
        - days_since_touchpoint under 28
        - nps_latest at least 0
        - csat_mean_28d at least 0
  - name: other
    enter: tenure_days at least 0
"""


@dataclass(frozen=True)
class Case:
    """files: what lies in exports/, from the vendor's folder; own: what is written beside it. read: source ->
    accepted rows. Where a vendor shows a header alone, `rows` stand below it. accept: guards that trip, for
    the samples of a vendor do not fit together."""

    sources: str
    as_of: date
    accounts: int
    read: Mapping[str, int]
    own: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)
    accept: tuple[str, ...] = ()


CASES = {
    "zendesk": Case(
        """\
  accounts: {files: [zendesk/organization_data.csv, zendesk/domain_name_data.csv], preset: zendesk/connector}
  contacts: {files: zendesk/user_data.csv, preset: zendesk/connector}
  tickets:
    files:
      - zendesk/ticket_data.csv
      - zendesk/ticket_field_history_data.csv
      - zendesk/satisfaction_rating_data.csv
    preset: zendesk/connector
""",
        date(2020, 12, 22),
        10,
        {"accounts": 10, "contacts": 9, "tickets": 8},
    ),
    "salesforce": Case(
        """\
  accounts:
    files: [salesforce/sf_account_data.csv, salesforce/sf_user_data.csv]
    preset: salesforce/connector
  contacts: {files: salesforce/sf_contact_data.csv, preset: salesforce/connector}
  crosswalk: {files: salesforce/sf_account_data.csv, preset: salesforce/connector}
  touchpoints:
    files: [salesforce/sf_task_data.csv, salesforce/sf_event_data.csv]
    preset: salesforce/connector
    delivery: append
""",
        date(2019, 11, 11),
        1,
        {"accounts": 1, "contacts": 4, "crosswalk": 1, "touchpoints": 20},
    ),
    "hubspot": Case(
        """\
  accounts: {files: [hubspot/company_data.csv, hubspot/owner_data.csv], preset: hubspot/connector}
  contacts: {files: hubspot/contact_data.csv, preset: hubspot/connector}
  tickets: {files: [hubspot/ticket_data.csv, whose_ticket.csv], preset: hubspot/connector}
  touchpoints:
    files:
      - hubspot/engagement_call_data.csv
      - hubspot/engagement_meeting_data.csv
      - hubspot/engagement_contact_data.csv
    preset: hubspot/connector
    delivery: append
""",
        date(2021, 2, 16),
        24,
        {"accounts": 24, "contacts": 22, "tickets": 1, "touchpoints": 1},
        own={"whose_ticket.csv": "ticket_id,company_id\n307034542,2182162682\n"},
        accept=("refused_rows",),
    ),
    "intercom": Case(
        """\
  accounts: {files: intercom/company_history_data.csv, preset: intercom/connector}
  contacts:
    files:
      - intercom/contact_history_data.header.csv
      - contact_company.csv
      - intercom/company_history_data.csv
    preset: intercom/connector
  tickets: {files: intercom/conversation_history_data.csv, preset: intercom/connector}
""",
        date(2020, 10, 28),
        3,
        {"accounts": 3, "contacts": 1, "tickets": 1},
        own={"contact_company.csv": f"contact_id,company_id\n{CONTACT},5f8efd11391867b82cd45b18\n"},
        rows={"intercom/contact_history_data.header.csv": f"id={CONTACT} updated_at=2020-10-20"},
    ),
    "mixpanel": Case(
        """\
  usage:
    files: mixpanel/event.csv
    preset: mixpanel/connector
    columns: {account_id: {header: properties, key: user_id}, feature: {header: properties, key: title}}
""",
        date(2020, 8, 1),
        2,
        {"usage": 2},
    ),
    "amplitude": Case(
        """\
  usage:
    files: amplitude/amplitude_event_data.csv
    preset: amplitude/connector
    columns: {account_id: user_id}
""",
        date(2021, 4, 1),
        2,
        {"usage": 2},
    ),
    "segment": Case(
        "  usage: {files: segment/pages.csv, preset: segment/connector, columns: {account_id: user_id}}\n",
        date(2015, 2, 23),
        1,
        {"usage": 1},
    ),
    "pendo": Case(
        """\
  contacts: {files: pendo/visitor_history.csv, preset: pendo/connector}
  usage:
    files: [pendo/feature_event.csv, pendo/page_event.csv, pendo/feature_history.csv, pendo/page_history.csv]
    preset: pendo/connector
    delivery: append
""",
        date(2021, 7, 16),
        8,
        {"contacts": 5, "usage": 10},
    ),
    "delighted": Case(
        """\
  contacts: {files: people.csv, preset: delighted/connector}
  surveys: {files: delighted/survey_responses.header.csv, preset: delighted/connector}
  accounts: {files: accounts.csv}
""",
        date(2025, 4, 18),
        1,
        {"contacts": 1, "surveys": 1, "accounts": 1},
        own={
            "people.csv": "id,email,name,created_at,last_sent_at\n10,jo@acme.example,Jo,1713400000,\n",
            "accounts.csv": "account_id,domains\nA,acme.example\n",
        },
        rows={
            "delighted/survey_responses.header.csv": "id=1 person=10 survey_type=nps score=9 "
            "created_at=1744970400"
        },
    ),
    "qualtrics": Case(
        """\
  accounts: {files: accounts.csv}
  contacts:
    files: [qualtrics/directory_contact.csv, qualtrics/core_contact.csv]
    preset: qualtrics/connector
  surveys:
    files: qualtrics_native/ui_export_3header.csv
    preset: qualtrics/ui
    columns: {score: Q1, instrument: {always: csat}}
""",
        date(2026, 1, 2),
        2,
        {"accounts": 2, "contacts": 6, "surveys": 2},
        own={"accounts.csv": "account_id,domains\nX,x.com\nABC,abc.com\n"},
    ),
    "surveymonkey": Case(
        """\
  surveys:
    files: surveymonkey/ui_export_2header.csv
    preset: surveymonkey/ui
    columns: {account_id: Collector ID}
""",
        date(2024, 1, 1),
        1,
        {"surveys": 1},
    ),
    "surveymonkey api": Case(
        """\
  surveys:
    files: surveymonkey/survey_responses_api.header.csv
    preset: surveymonkey/connector
    columns:
      account_id: custom_value
      instrument: {always: nps}
      score: {header: pages, key: ["0", questions, "0", answers, "0", text]}
""",
        date(2026, 11, 2),
        1,
        {"surveys": 1},
        rows={
            "surveymonkey/survey_responses_api.header.csv": "id=1 custom_value=A response_status=completed "
            'date_modified=2026-11-02T08:00:00+00:00 pages=[{"questions":[{"answers":[{"text":"9"}]}]}]'
        },
    ),
    "hubspot list": Case(
        """\
  accounts: {files: hubspot_native/companies.csv, preset: hubspot/ui}
  touchpoints: {files: calls.csv}
""",
        date(2026, 11, 2),
        4,
        {"accounts": 4, "touchpoints": 1},
        own={"calls.csv": "at,account_id\n2026-11-02,9001\n"},
    ),
}


def lay(folder: Path, case: Case) -> Path:
    """A workspace whose exports are the vendor's own files where they lie."""
    exports = folder / "exports"
    exports.mkdir(parents=True)
    for vendor in VENDORS.iterdir():
        (exports / vendor.name).symlink_to(vendor)
    for name, text in case.own.items():
        (exports / name).write_text(text)
    for name, row in case.rows.items():
        header = (VENDORS / name).read_text().strip().split(",")
        values = dict(pair.split("=", 1) for pair in row.split(" "))
        assert set(values) <= set(header)
        quoted = ['"' + values.get(column, "").replace('"', '""') + '"' for column in header]
        link = exports / name.partition("/")[0]
        link.unlink()
        link.mkdir()
        (exports / name).write_text(",".join(header) + "\n" + ",".join(quoted) + "\n")
        for other in (VENDORS / link.name).iterdir():
            if other.name != Path(name).name:
                (link / other.name).symlink_to(other)
    (folder / "segkit.yaml").write_text(HEAD + case.sources)
    (folder / "rules.yaml").write_text(RULES)
    return folder


@pytest.mark.parametrize("name", CASES)
def test_a_vendors_tables_end_in_an_assignment(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    accept = dict.fromkeys(case.accept, "rows of companies that these samples do not hold")
    run = assign(open_workspace(lay(tmp_path, case)), now=NOW, as_of=case.as_of, accept=accept)
    assert (run.as_of, run.assignments.height) == (case.as_of, case.accounts)
    assert run.folder is not None
    summary = (run.folder / "summary.md").read_text()
    lines = [
        line.removeprefix("- ") for line in summary.splitlines() if " rows = " in line and "Look" not in line
    ]
    found = {line.partition(":")[0]: int(line.split(" = ")[1].split()[0].replace(",", "")) for line in lines}
    assert found == dict(case.read)


def test_init_on_the_tables_of_five_vendors_gives_a_workspace_that_assigns(tmp_path: Path) -> None:
    for vendor in ("salesforce", "zendesk", "pendo", "intercom", "qualtrics"):
        (tmp_path / "exports" / vendor).mkdir(parents=True)
        for file in sorted((VENDORS / vendor).glob("*.csv")):
            (tmp_path / "exports" / vendor / file.name).symlink_to(file)
    made = segkit("init", tmp_path)
    assert made.returncode == 0, made.stderr
    assert "next: segkit assign" in made.stdout, made.stdout
    done = segkit("assign", tmp_path)
    assert done.returncode == 0, done.stderr
    rows = pl.read_parquet(tmp_path / "out/latest/assignments.parquet")
    assert rows.height > 0
