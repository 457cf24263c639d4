"""What segkit brings along is declared, bounded and speaks to nobody: its own source says so."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BROUGHT = {"dependencies": PROJECT["dependencies"]} | {
    extra: PROJECT["optional-dependencies"][extra] for extra in ("discover", "predict", "xlsx")
}
"""What a user installs; the other extras are for those who work on segkit."""
DATED = {"tzdata"}
"""Data under the year they are of: a newer one is never another interface."""
WITH = {"pydantic-core": "pydantic", "markupsafe": "jinja2", "threadpoolctl": "scikit-learn"}
"""Parts that a declared library requires itself, in the version it needs."""
TALKING = {
    "aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "poplib", "requests", "select", "selectors",
    "smtplib", "socket", "socketserver", "ssl", "urllib3", "webbrowser", "xmlrpc",
}  # fmt: skip


def _name(requirement: str) -> str:
    return re.split(r"[ ;<>=!~\[(]", requirement)[0].lower().replace("_", "-")


@cache
def _imports() -> tuple[tuple[Path, str], ...]:
    """(file, dotted name) of every absolute import in segkit, those inside functions too."""
    return tuple(_each_import())


def _each_import() -> Iterator[tuple[Path, str]]:
    for file in sorted((ROOT / "segkit").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((file, each.name) for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
                yield file, node.module


def test_every_version_has_an_upper_bound() -> None:
    free = {_name(each) for named in BROUGHT.values() for each in named if "<" not in each}
    assert free == DATED


def test_nothing_is_imported_that_is_not_declared() -> None:
    declared = {_name(each) for named in BROUGHT.values() for each in named}
    known = packages_distributions()
    strangers, seen = set(), set()
    for file, module in _imports():
        top = module.split(".")[0]
        if top == "segkit" or top in sys.stdlib_module_names:
            continue
        brings = {name.lower().replace("_", "-") for name in known.get(top, [top])}
        brings |= {WITH[name] for name in brings if name in WITH}
        seen |= brings & declared
        if not brings & declared:
            strangers.add(f"{file.relative_to(ROOT)}: {module}")
    assert strangers == set()
    assert {"polars", "pyyaml", "scikit-learn"} <= seen
    for part, library in WITH.items():
        assert part in {_name(each) for each in requires(library) or ()}


def test_no_module_imports_what_talks_over_a_network() -> None:
    talking = {
        f"{file.relative_to(ROOT)}: {module}"
        for file, module in _imports()
        if module.split(".")[0] in TALKING or module.startswith("urllib.request")
    }
    assert talking == set()
