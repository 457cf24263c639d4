"""A workspace in which every name, owner, group, trait, comment and reason is one of many hostile strings.

The strings are the big list of naughty strings, where it lies beside the checkout, and classic injections.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from tests.runs.small import SUNDAYS

WEEKS = SUNDAYS[-5:]

BLNS = Path(__file__).parents[3] / "shared" / "corpora" / "blns" / "blns.json"
XSS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example/x.js></sCrIpT>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "</title></style></textarea><script>alert(1)</script>",
    "</bdi></th></tr></table><iframe src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<details open ontoggle=alert(1)>",
    "<math><mtext><mglyph><style><img src=x onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<!--><script>alert(1)</script-->",
    "<![CDATA[><script>alert(1)</script>]]>",
    "{{constructor.constructor('alert(1)')()}}{% raw %}${7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;&#60;script&#62;",
    "' onmouseover='alert(1)' x='",
    '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
)

WORKSPACE = """\
version: 1
name: Naughty
rules: rules.yaml
quiet_days: 0
sources:
  accounts: {files: accounts.csv}
  usage: {files: usage.csv, no_outage: [2026-11-22]}
  surveys: {files: surveys.csv}
  traits: {files: traits.csv}
  overrides: {files: overrides.csv}
  pauses: {files: pauses.csv}
"""

RULES = """\
version: 1
name: naughty
peers: [industry]
segments:
  - name: at_risk
    playbook: call
    enter:
      all:
        - events_7d under 3
        - trait(priority) is not "plain"
        - industry is not "plain"
    exit: events_7d at least 3
  - name: active
    enter: events_7d at least 3
playbooks:
  call:
    due: 2 days
    steps: [Call them]
"""


def strings() -> list[str]:
    """The injections stand last, so that their accounts are worth most and told first."""
    known = json.loads(BLNS.read_text("utf-8")) if BLNS.is_file() else []
    return [*known, *XSS]


def called(n: int, text: str) -> str:
    """The id of an account; the string comes first: what a spreadsheet takes for a formula begins with it."""
    return f"{text}#{n:03}"


def write(folder: Path, texts: Sequence[str]) -> Path:
    """One account for each text, whose id begins so, which is called so and looked after by who is called so.

    All of them use it until the last week; then the second half stops.
    """
    exports = folder / "exports"
    exports.mkdir(parents=True)
    (folder / "segkit.yaml").write_text(WORKSPACE)
    (folder / "rules.yaml").write_text(RULES)
    many = [(called(n, text), text) for n, text in enumerate(texts)]
    _table(
        exports / "accounts.csv",
        "account_id,name,csm,industry,arr,signup_date",
        ((each, text, text, text, 1000 + n, "2026-01-01") for n, (each, text) in enumerate(many)),
    )
    _table(
        exports / "usage.csv",
        "at,account_id,event,count",
        (
            (day, each, "click", 4)
            for day in WEEKS
            for n, (each, _) in enumerate(many)
            if day < WEEKS[-1] or n < len(many) // 2
        ),
    )
    said = [(each, text) for each, text in many if text.strip()]
    _table(
        exports / "surveys.csv",
        "account_id,answered_at,instrument,score,comment",
        ((each, WEEKS[-2], "nps", 5, text) for each, text in said),
    )
    _table(
        exports / "traits.csv",
        "account_id,trait,value,observed_at",
        ((each, "priority", text, WEEKS[0]) for each, text in said),
    )
    _table(
        exports / "overrides.csv",
        "account_id,segment,in_or_out,from,until,by,reason",
        ((each, "active", "in", WEEKS[-1], "", text, text) for each, text in said[::25]),
    )
    _table(
        exports / "pauses.csv",
        "account_id,from,to,reason",
        ((each, WEEKS[-2], "2026-12-31", text) for each, text in said[1::25]),
    )
    return folder


def _table(path: Path, header: str, rows: object) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)  # type: ignore[arg-type]
