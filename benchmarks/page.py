"""What report.html takes for 20 segments, 104 weeks and 20,000 accounts, and what axe-core finds in it.

    python -m benchmarks.page [PAGE.html …] --axe node_modules/axe-core/axe.min.js

Without a page the large one is rendered and looked at. axe-core comes from npm (`npm install axe-core`) and
runs in Chromium, on a copy of the page that allows its script; without --axe only time and size are told.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from datetime import timedelta
from html import unescape
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl
from msgspec.structs import replace

from segkit.engine.results import DimensionResult
from segkit.reports import page
from segkit.reports.sizes import sizes
from tests.journeys.browser import dom
from tests.reports.test_page import AS_OF, SEGMENTS, answers, drawn, ruleset, screen

ACCOUNTS, WEEKS = 20_000, 104
VIEWS = {
    "wide, light": ("--window-size=1280,900",),
    "narrow, light": ("--window-size=390,900",),
    "wide, dark": ("--window-size=1280,900", "--blink-settings=preferredColorScheme=0"),
}
SERIOUS = ("serious", "critical")
RUN = """
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  const told = found.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.target)]);
  document.body.textContent = JSON.stringify(told);
});
"""


def large() -> str:
    """The page of twenty segments, with what it took on stdout."""
    rules = ruleset("Plain words.")
    told = answers(rules, "Acme")
    rng = np.random.default_rng(1)
    code = rng.integers(0, len(SEGMENTS) + 1, (ACCOUNTS, WEEKS)).astype(np.int16)
    weeks = np.ones_like(code, dtype=np.int32)
    labels = (*SEGMENTS, "none")
    names = tuple(f"account {n}" for n in range(ACCOUNTS))
    decisions = replace(
        told.decisions,
        drawn=drawn(names),
        dimensions={"segments": DimensionResult("segments", labels, code, weeks, weeks > 1)},
        as_of=tuple(AS_OF - timedelta(weeks=WEEKS - 1 - week) for week in range(WEEKS)),
    )
    moves = pl.concat([told.transitions] * (ACCOUNTS // 10 // told.transitions.height))
    sixty = pl.concat([told.assignments] * (ACCOUNTS // told.assignments.height + 1)).head(ACCOUNTS)
    rows = sixty.with_columns(account_id=pl.Series(names), name=pl.Series(names))
    told = replace(told, assignments=rows, transitions=moves, decisions=decisions)
    start = perf_counter()
    text = page(rules, told, screen("Plain"), sizes(decisions))
    print(
        f"{ACCOUNTS:,} accounts, {WEEKS} weeks: {perf_counter() - start:.2f} s, {len(text.encode()):,} bytes"
    )
    return text


def findings(text: str, axe: Path, switches: tuple[str, ...]) -> list[Any]:
    """[impact, rule, where] of each violation."""
    policy = r'<meta http-equiv="Content-Security-Policy"[^>]*>'
    open_page = re.sub(policy, "", text).replace(
        "</body>", f"<script>{axe.read_text('utf-8')}</script><script>{RUN}</script></body>"
    )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "page.html"
        copy.write_text(open_page, encoding="utf-8")
        shown = dom(copy, Path(folder) / "profile", "--virtual-time-budget=60000", *switches)
    body = re.search(r"<body[^>]*>(\[.*\])</body>", shown, re.DOTALL)
    if body is None:
        raise SystemExit("axe-core did not come to an end")
    found: list[Any] = json.loads(unescape(body[1]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--axe", type=Path)
    asked = parser.parse_args()
    pages = {str(path): path.read_text("utf-8") for path in asked.pages} or {"the large page": large()}
    serious = 0
    for name, text in pages.items() if asked.axe else ():
        for view, switches in VIEWS.items():
            found = findings(text, asked.axe, switches)
            serious += sum(impact in SERIOUS for impact, *_ in found)
            print(f"{name}, {view}: {len(found)} findings", *map(json.dumps, found), sep="\n  ")
    sys.exit(1 if serious else 0)


if __name__ == "__main__":
    main()
