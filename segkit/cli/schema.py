"""`segkit schema`."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer


class Which(StrEnum):
    RULESET = "ruleset"
    WORKSPACE = "workspace"


def schema(which: Annotated[Which, typer.Argument(help="Of rule files or of segkit.yaml.")]) -> None:
    """Print a JSON Schema, with which an editor completes and checks the YAML files.

    segkit schema ruleset > schema/ruleset.schema.json
    """
    print(schema_text(which))


def schema_text(which: Which) -> str:
    if which is Which.RULESET:
        from segkit.ruleset import ruleset_json_schema

        value = ruleset_json_schema()
    else:
        from segkit.workspace import workspace_json_schema

        value = workspace_json_schema()
    return json.dumps(value, indent=2, ensure_ascii=False)
