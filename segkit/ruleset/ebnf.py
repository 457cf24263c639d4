"""The grammar of expressions in its published form."""

from __future__ import annotations

import re
from importlib import resources

HEAD = """\
(* The language of conditions and formulas in segkit rule files.
   Written in EBNF: | is a choice, ( ) groups, ? is optional, * repeats, + repeats at least once.
   Names in capitals are words; after their = stands a regular expression. White space is free. *)
"""


def published_grammar() -> str:
    """EBNF of the expression language, made from the grammar that reads it."""
    source = resources.files("segkit.ruleset").joinpath("grammar.lark").read_text(encoding="utf-8")
    lines = []
    for line in source.splitlines():
        if line.startswith(("//", "%")):
            continue
        text = re.sub(r"\s*->\s*\w+\s*$", "", line)
        text = re.sub(r"^[?_]?(\w+)(\.\d+)?:", r"\1 =", text)
        text = re.sub(r"(?<![\w\"'\[/\\])_(\w+)(?![^/]*/)", r"\1", text)
        lines.append(text.rstrip())
    return HEAD + re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"
