"""What `init` puts into a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segkit.cli.schema import Which, schema_text
from segkit.errors import ConfigError, InputError, IoError, Place, Problem
from segkit.resources import shipped_example, shipped_rules

if TYPE_CHECKING:
    from segkit.runs.commonest import Commonest

LOGIN = "active_day        # or {events: [login]} when logins are exported"
KEPT_OUT = ("out", "state")

WORKSPACE = """\
# yaml-language-server: $schema=schema/workspace.schema.json
#
# What your exports are called and what their columns mean.
# Lines with # are examples: remove the # to use one.
# `segkit check all` says what is still missing; `segkit assign` does the work.
version: 1
name: My company
timezone: UTC                  # where your days begin, e.g. Europe/Berlin
period: week                   # week, month or day
week_ends: sunday
rules: rules/saas.yaml

sources:
  accounts:                    # one row per customer, from your CRM
    files: accounts.csv        # several over time: accounts_{date}.csv, the date is read from the name
    # columns:                 # our name: the header in your file; headers that already match need no line
    #   account_id: Account ID
    #   name: Company
    #   arr: Annual revenue
    # dates: "%d.%m.%Y"        # when dates are not written 2026-11-15
    # decimal: ","             # when numbers are written 1.234,5
    # thousands: "."
    # separator: ";"
    # attributes: {tier: text} # further columns that your rules should know

  usage:                       # one row per event, from your product
    files: @USAGE@           # or usage_*.csv.gz for several
    # delivery: append         # several files with days of their own; `window` when they overlap
    # columns: {at: timestamp, account_id: org_id, event: event_name}

  # contacts: {files: contacts.csv}              # whose user id is whose; needed when usage has user ids
  # tickets: {files: tickets.csv}
  # surveys: {files: surveys.csv}
  # subscriptions: {files: subscriptions.csv}
  # payments: {files: payments.csv}
  # touchpoints: {files: touchpoints.csv}
  # milestones: {files: milestones.csv}
  # pauses: {files: pauses.csv}                  # who is not to be judged for a while: a freeze, a holiday
  # overrides: {files: overrides.csv}            # who is where, whatever the rules say

definitions:                   # what these words mean in your product; names as in the usage file
@SEEN@  login: @LOGIN@
  # activity: {except_events: [email_opened]}    # events that are no use of the product
  core_features: @CORE@           # what a customer must use to get the value
  advanced_features: [api]
  core_workflow: {events: [report_published]}    # the piece of work they bought it for
  # expected_milestones: {first_report: 30}      # days after signup
  # first_value: first_report
"""

EXPORTS = """\
# Exports

Put the files here as your systems give them: CSV (also .gz, .zst), JSON lines or Parquet.
segkit never changes them. Headers may differ: `columns` in `segkit.yaml` maps them.

| file | from | columns it needs | columns it can use |
| --- | --- | --- | --- |
| accounts.csv | CRM | account_id | name, industry, plan, arr, signup_date, renewal_date, notice_date, csm |
| usage.csv | product | at, and account_id or user_id or email | event, feature, count, seconds, session_id |
| contacts.csv | CRM | user_id | email, account_id, department, is_key, deactivated_at |
| tickets.csv | help desk | ticket_id, opened_at, account_id | resolved_at, priority, topic, escalated |
| surveys.csv | survey tool | answered_at, account_id, instrument, score | comment |
| subscriptions.csv | billing | starts_on, account_id | ends_on, mrr, seats, plan |
| pauses.csv | you | from, to, and account_id or group (industry = Retail, or all) | reason, metrics |
| overrides.csv | you | account_id, segment, in_or_out, from, by, reason | until: a date or a condition |

`accounts.csv` and `usage.csv` are enough to begin with.
`segkit check data` shows what was read and what was refused.
"""


def starter_files(folder: Path) -> Mapping[str, bytes]:
    """Path in the workspace -> content; usage files that already lie there are looked into."""
    lying = folder if exports_in(folder) else folder / "exports"
    return {
        "segkit.yaml": _workspace(lying).encode(),
        "rules/saas.yaml": shipped_rules().read_bytes(),
        "exports/README.md": EXPORTS.encode(),
        "schema/workspace.schema.json": schema_text(Which.WORKSPACE).encode() + b"\n",
        "schema/ruleset.schema.json": schema_text(Which.RULESET).encode() + b"\n",
    }


def exports_in(folder: Path) -> list[str]:
    """Names of accounts and usage files that lie in the folder itself and belong into `exports/`."""
    kinds = ("accounts*", "usage*")
    return [path.name for kind in kinds for path in sorted(folder.glob(kind)) if path.is_file()]


def _workspace(exports: Path) -> str:
    usage, seen, login, core = "usage.csv", "", LOGIN, "[dashboards, reports]"
    lying = sorted(path.name for path in exports.glob("usage*") if path.is_file())
    if lying:
        suffixes = {name.partition(".")[2] for name in lying}
        usage = (
            lying[0] if len(lying) == 1 else f'"usage*.{suffixes.pop()}"' if len(suffixes) == 1 else "usage*"
        )
        found = _look(exports, usage.strip('"'))
        if found is not None:
            seen = _comment("events", found.events) + _comment("features", found.features)
            login = f"{{events: {_words(found.logins)}}}" if found.logins else LOGIN
            core = _words([name for name, _ in found.features[:5]]) if found.features else core
    text = WORKSPACE.replace("@USAGE@", usage).replace("@SEEN@", seen)
    return text.replace("@LOGIN@", login).replace("@CORE@", core)


def _look(exports: Path, files: str) -> Commonest | None:
    """None where they cannot be read yet: `segkit check data` says why."""
    from segkit.facts.mapping import SourceConfig
    from segkit.runs.commonest import commonest

    try:
        return commonest(exports, SourceConfig(files=files))
    except InputError:
        return None


def _comment(kind: str, names: Sequence[tuple[str, int]]) -> str:
    """A line of YAML comment with the commonest names; nothing where there are none."""
    said = ", ".join(f"{_printable(name)} {count:,}" for name, count in names[:12])
    return f"  # {kind} in your files, the commonest first: {said}\n" if said else ""


def _words(names: Sequence[str]) -> str:
    return json.dumps([_printable(name) for name in names], ensure_ascii=False)


def _printable(name: str) -> str:
    return "".join(character for character in name if character.isprintable())


def example_files() -> Mapping[str, bytes]:
    """The shipped example without results of earlier runs."""
    root = shipped_example()
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    named = ((path.relative_to(root), path) for path in files)
    return {str(name): path.read_bytes() for name, path in named if name.parts[0] not in KEPT_OUT}


def write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes all files, or none: ConfigError (S156) names one that is already there."""
    there = [folder / name for name in files if (folder / name).exists() or (folder / name).is_symlink()]
    if there:
        what, hint = "is already there; nothing was written", "choose an empty folder: segkit init my-company"
        raise ConfigError(Problem("S156", what, Place(str(there[0])), hint))
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "xb") as file:
                file.write(content)
    except OSError as error:
        raise IoError(
            Problem("I102", f"cannot write: {error.strerror}", Place(str(error.filename)))
        ) from error
