"""The parser's tables, worked out beforehand: building them from the grammar takes longer than reading rules.

They say of which grammar and version of lark they are; where one of these is another, the parser is built
as it was before there were tables. `make tables` writes them anew.
"""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from typing import Any

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

GRAMMAR, TABLES = "grammar.lark", "grammar.tables.json"


def parser(transformer: lark.Transformer[lark.Token, Any]) -> lark.Lark:
    """The parser of expressions."""
    kept = json.loads(_text(TABLES), object_pairs_hook=_with_numbers)
    if kept["of"] != _origin():
        return _built(transformer=transformer)
    # What `lark.standalone` does with the tables that it writes into a module.
    empty = lark.Lark.__new__(lark.Lark)
    return empty._load({"data": kept["data"], "memo": kept["memo"]}, transformer=transformer)


def current() -> bool:
    """Whether the tables are of this grammar and this version of lark."""
    return bool(json.loads(_text(TABLES))["of"] == _origin())


def write() -> None:
    """Works the tables out and puts them beside the grammar."""
    data, memo = _built().memo_serialize([TerminalDef, Rule])
    text = json.dumps({"of": _origin(), "data": data, "memo": memo}, separators=(",", ":")) + "\n"
    with resources.as_file(resources.files("segkit.ruleset").joinpath(TABLES)) as path:
        path.write_text(text, encoding="utf-8")


def _origin() -> str:
    return f"lark {lark.__version__}, grammar {hashlib.sha256(_text(GRAMMAR).encode()).hexdigest()}"


def _built(**options: Any) -> lark.Lark:
    return lark.Lark(_text(GRAMMAR), parser="lalr", lexer="basic", maybe_placeholders=False, **options)


def _text(name: str) -> str:
    return resources.files("segkit.ruleset").joinpath(name).read_text(encoding="utf-8")


def _with_numbers(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    """JSON has no numbers as keys; the states of the parser are numbered."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs}
