"""The schemas that editors read describe every key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from segkit.ruleset import ruleset_json_schema
from segkit.workspace import workspace_json_schema


def keys(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, model in {"": schema, **schema["$defs"]}.items():
        for key, field in model.get("properties", {}).items():
            yield f"{name}.{key}", field


@pytest.mark.parametrize(
    "schema", [ruleset_json_schema(), workspace_json_schema()], ids=["ruleset", "workspace"]
)
def test_every_key_is_described(schema: dict[str, Any]) -> None:
    assert [name for name, field in keys(schema) if not field.get("description")] == []
    assert json.loads(json.dumps(schema)) == schema
    assert schema["$schema"].endswith("2020-12/schema")


def test_unknown_keys_are_refused_by_the_schema_too() -> None:
    for schema in (ruleset_json_schema(), workspace_json_schema()):
        objects = [schema, *(d for d in schema["$defs"].values() if d.get("type") == "object")]
        assert all(each["additionalProperties"] is False for each in objects)


def test_a_condition_is_a_text_or_one_of_four_forms() -> None:
    enter = ruleset_json_schema()["$defs"]["SegmentFile"]["properties"]["enter"]
    forms = enter.get("oneOf") or enter.get("anyOf")
    assert len(forms) == 5
