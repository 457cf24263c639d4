"""The help page of `segkit`: the verbs of every day first, the others in a panel of their own."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

EVERY_DAY = ("init", "check", "assign", "explain", "report", "test", "compare", "evaluate")


class Verbs(TyperGroup):
    """Lists each command once, in the order of EVERY_DAY, then the rest as they were added."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        seen = {name: cmd for name in self.list_commands(ctx) if (cmd := self.get_command(ctx, name))}
        first = [name for name in EVERY_DAY if name in seen]
        panels = {"Commands": first, "More commands": [name for name in seen if name not in first]}
        width = formatter.width - 6 - max(map(len, seen))
        for panel, names in panels.items():
            with formatter.section(panel):
                formatter.write_dl([(name, seen[name].get_short_help_str(width)) for name in names])
