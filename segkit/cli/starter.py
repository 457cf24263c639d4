"""What `init` puts into a folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from segkit.cli.schema import Which, schema_text
from segkit.errors import ConfigError, IoError, Place, Problem
from segkit.resources import shipped_example, shipped_rules, shipped_tests

if TYPE_CHECKING:
    from segkit.runs.starting import Start

FILE = "segkit.yaml"
KEPT_OUT = ("out", "state")

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


README = "exports/README.md"


def starter_files(folder: Path, rules: str) -> tuple[Mapping[str, bytes], Start]:
    """Path in the workspace -> content, with what lies in the folder already.

    `rules` names a shipped set. Raises: ConfigError, before the exports are read: S105 where there is no such
    set, S156 where the folder is a workspace.
    """
    from segkit.runs.starting import start

    own = _rules_of_own(rules)
    path = next(iter(own))
    refuse_there(folder, ("segkit.yaml", path))
    found = start(folder, datetime.now(UTC).date())
    files = {
        "segkit.yaml": found.text.replace("rules/saas.yaml", path).encode(),
        **own,
    }
    read_me = {} if found.exports == "." or (folder / README).exists() else {README: EXPORTS.encode()}
    return files | read_me, found


def _rules_of_own(name: str) -> Mapping[str, bytes]:
    """A shipped set to be changed: the rule file first, its tests, what editors need. Raises: ConfigError."""
    return {
        f"rules/{name}.yaml": shipped_rules(name).read_bytes(),
        f"rules/tests/{name}.test.yaml": shipped_tests(name).read_bytes(),
        "schema/workspace.schema.json": schema_text(Which.WORKSPACE).encode() + b"\n",
        "schema/ruleset.schema.json": schema_text(Which.RULESET).encode() + b"\n",
    }


def example_files(rules: str) -> Mapping[str, bytes]:
    """The shipped example without results of earlier runs, and a shipped rule set to be changed."""
    root = shipped_example()
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    named = ((path.relative_to(root), path) for path in files)
    found = {str(name): path.read_bytes() for name, path in named if name.parts[0] not in KEPT_OUT}
    text = re.sub(r"^rules: .*$", f"rules: rules/{rules}.yaml", found[FILE].decode(), flags=re.MULTILINE)
    return {**found, FILE: text.encode(), **_rules_of_own(rules)}


def refuse_there(folder: Path, names: Iterable[str]) -> None:
    """Raises ConfigError (S156) for the first of the files that is already there."""
    there = [folder / name for name in names if (folder / name).exists() or (folder / name).is_symlink()]
    if there:
        what, hint = "is already there; nothing was written", "choose an empty folder: segkit init my-company"
        raise ConfigError(Problem("S156", what, Place(str(there[0])), hint))


def write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes all files, or none: ConfigError (S156) names one that is already there."""
    refuse_there(folder, files)
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
