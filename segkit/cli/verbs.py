"""The verbs: where each of them is, what the help page says of it; imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command


class Verb(NamedTuple):
    says: str
    """In half a line of the help page."""
    function: str
    """What its module calls it; `report` has verbs of its own."""


EVERY_DAY = {
    "init": Verb("Make a workspace, or copy the example.", "init"),
    "check": Verb("Say what is wrong with YAML files or exports.", "check"),
    "assign": Verb("Decide who belongs where, and publish it.", "assign"),
    "explain": Verb("Say why an account is where it is.", "explain"),
    "report": Verb("Show what lies behind the decisions.", "report"),
    "test": Verb("Let made-up accounts live through the rules.", "try_rules"),
    "compare": Verb("Try other rules on all of history.", "compare"),
    "evaluate": Verb("Hold decisions against what happened later.", "evaluate"),
}
MORE = {
    "replay": Verb("Decide all of history anew, beside it.", "replay"),
    "predict": Verb("Say how likely each account is to leave.", "predict"),
    "tune": Verb("Try other thresholds against what happened.", "tune"),
    "discover": Verb("Look for what tells who leaves.", "discover"),
    "describe": Verb("Tell the rules as a page for everybody.", "describe"),
    "identity": Verb("Say whose the ids are, and why.", "identity"),
    "erase": Verb("Forget an account or a person for ever.", "erase"),
    "doctor": Verb("Look whether everything is in order.", "doctor"),
    "schema": Verb("Print a JSON Schema for editors.", "schema"),
}
VERBS = EVERY_DAY | MORE
"""Verb -> what is known of it without its module, `segkit.cli.VERB`."""


class _Commands(Mapping[str, Any]):
    """Verb -> its command."""

    def __getitem__(self, name: str) -> Any:
        verb = VERBS[name]
        found = getattr(import_module(f"segkit.cli.{name}"), verb.function)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
            alone.command(name, short_help=verb.says)(found)
            found = alone
        return get_command(found)

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


class Verbs(TyperGroup):
    """Its help page lists the verbs of every day first, the others in a panel of their own."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Commands()  # type: ignore[assignment]  # nobody adds to it

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for panel, verbs in {"Commands": EVERY_DAY, "More commands": MORE}.items():
            with formatter.section(panel):
                formatter.write_dl([(name, verb.says) for name, verb in verbs.items()])
