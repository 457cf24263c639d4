"""The page of a problem: what it is, why it is bad, an example, what to do instead."""

from __future__ import annotations

import re

from segkit.errors import ConfigError, Problem
from segkit.resources import shipped_pages
from segkit.ruleset.suggest import did_you_mean

_HEADING = re.compile(r"^## ([A-Z]\d{3})\b.*$", re.MULTILINE)
_ROW = re.compile(r"^\| ([A-Z]\d{3}) \| (.+?) \|(?: (.+?) \|)?$", re.MULTILINE)


def page(code: str) -> str:
    """Markdown. Raises: ConfigError (S164) for a code that no problem has."""
    found = pages()
    if code.upper() not in found:
        hint = did_you_mean(code.upper(), found) or "a code is a letter and three digits: R104"
        raise ConfigError(Problem("S164", f"no problem has the code '{code}'", hint=hint))
    return found[code.upper()]


def pages() -> dict[str, str]:
    """Every code that is explained, with its page; a code of a table has its rows."""
    found: dict[str, str] = {}
    for path in shipped_pages():
        text = path.read_text(encoding="utf-8")
        heads = list(_HEADING.finditer(text))
        ends = [*(head.start() for head in heads[1:]), len(text)]
        for head, end in zip(heads, ends, strict=False):
            found[head[1]] = text[head.start() : end].strip() + "\n"
        for row in _ROW.finditer(text):
            told = f"{row[2]}\n" + (f"\nWhat to do: {row[3]}\n" if row[3] else "")
            found[row[1]] = f"{found[row[1]]}\n{told}" if row[1] in found else f"## {row[1]}\n\n{told}"
    return found
