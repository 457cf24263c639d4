"""Works the parser's tables out of the grammar and puts them beside it: `python -m tests.tables`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lark import Lark

import segkit.ruleset
from segkit.ruleset.lalr import KEPT

HERE = Path(segkit.ruleset.__file__).parent


def grammar(**options: Any) -> Lark:
    """The parser that lark makes of the grammar."""
    text = (HERE / "grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="basic", maybe_placeholders=False, **options)


def written() -> str:
    """The tables as they are kept."""
    made = grammar()
    table = made.parser.parser._parse_table
    numbers = {rule: number for number, rule in enumerate(made.rules)}
    [start], [end] = table.start_states.values(), table.end_states.values()
    # lark numbers the states differently every time: here they are numbered as they are first met.
    order, new = [start], {start: 0}
    for state in order:
        for _, (_, to) in sorted(table.states[state].items()):
            if to not in numbers and to not in new:
                new[to] = len(order)
                order.append(to)
    states = [
        {name: ~numbers[to] if to in numbers else new[to] for name, (_, to) in table.states[state].items()}
        for state in order
    ]
    signs = sorted(made.terminals, key=_precedence)
    [ignored] = made.ignore_tokens
    kept = {
        "signs": [[sign.name, sign.pattern.to_regexp()] for sign in signs],
        "ignored": ignored,
        "states": states,
        "rules": [_rule(rule) for rule in made.rules],
        "start": new[start],
        "end": new[end],
    }
    return json.dumps(kept, separators=(",", ":"), sort_keys=True) + "\n"


def _precedence(sign: Any) -> tuple[Any, ...]:
    """As lark's own lexer tries them."""
    return -sign.priority, -sign.pattern.max_width, -len(sign.pattern.value), sign.name


def _rule(rule: Any) -> list[Any]:
    origin = rule.origin.name
    kept = [at for at, part in enumerate(rule.expansion) if not (part.is_term and part.filter_out)]
    if not rule.alias and not origin.startswith("_"):
        assert rule.options.expand1, origin
        assert len(kept) == 1, origin
    return [origin, len(rule.expansion), rule.alias or "", kept]


if __name__ == "__main__":
    (HERE / KEPT).write_text(written(), encoding="utf-8")
