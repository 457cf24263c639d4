"""YAML value to a typed file model: every fault of shape as a positioned problem, in one go."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from segkit.errors import Problem
from segkit.ruleset.suggest import did_you_mean, same_but_for_case
from segkit.yamltext import Loc, YamlDoc

M = TypeVar("M", bound=BaseModel)

BROKEN = "\0"
"""Stands where a condition could not be read; YAML text cannot hold this character."""

_CONDITION_KEYS = frozenset({"enter", "exit", "at_once", "when", "success", "not", "where", "of"})
_STAND_INS: Mapping[str, Any] = {
    "version": 1,
    "name": "broken",
    "default": 0,
    "at_least": 1,
    "all": [BROKEN],
    "any": [BROKEN],
    "of": [BROKEN],
    "to": "",
    "segments": [{"name": "broken", "enter": BROKEN}],
}
_CONDITION_FORMS = "a condition is an expression, or one of all:, any:, not:, at_least: with of:"
_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "list_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "bool_type": "true or false",
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), "a date: 2026-11-15"),
}


def shaped(model: type[M], doc: YamlDoc, code: str) -> tuple[M | None, list[Problem]]:
    """The file as `model`, as far as it can be read, and what is wrong with its shape.

    Wrong parts are left out and the rest is read on, so that faults of later stages show in the same go;
    None when nothing sensible is left.
    """
    problems: list[Problem] = []
    value = doc.value
    if not isinstance(value, dict):
        return None, [Problem(code, "the file holds no keys", doc.place(()), "see segkit schema")]
    for _ in range(30):
        try:
            return model.model_validate(value), problems
        except ValidationError as error:
            errors = error.errors()
            if not problems:
                value = copy.deepcopy(value)  # what is wrong with it is cut out
                told = _without_misspelt(model, doc.value, errors)
                problems = _unique([_problem(model, doc, code, fault) for fault in told])
            mended = [_mend(value, fault) for fault in errors]
            if not all(mended):
                return None, problems
    return None, problems


def _without_misspelt(model: type[BaseModel], value: Any, faults: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without keys that are missing because they stand there misspelt, which is told already."""
    meant = set()
    for fault in faults:
        if fault["type"] == "extra_forbidden":
            hint = did_you_mean(str(fault["loc"][-1]), _known_keys(model, fault["loc"][:-1])) or ""
            meant.add((_path(value, fault["loc"][:-1]), hint))

    def misspelt(fault: ErrorDetails) -> bool:
        place = _path(value, fault["loc"][:-1])
        return fault["type"] == "missing" and (place, f"did you mean '{fault['loc'][-1]}'?") in meant

    return [fault for fault in faults if not misspelt(fault)]


def _unique(problems: list[Problem]) -> list[Problem]:
    """One problem per place and key: a value that fits no alternative fails each of them."""
    found: dict[tuple[object, str], Problem] = {}
    for problem in problems:
        several = problem.what.startswith(("unknown key", "'")) and problem.what.endswith("is missing")
        found.setdefault((problem.where, problem.what if several else ""), problem)
    return list(found.values())


def _path(value: Any, loc: tuple[int | str, ...]) -> Loc:
    """`loc` without the parts that the file does not have (union tags, `[key]` marks)."""
    found: list[str | int] = []
    for part in loc:
        inside = isinstance(value, dict) and part in value
        if inside or (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            value = value[part]
            found.append(part)
    return tuple(found)


def _mend(value: Any, fault: ErrorDetails) -> bool:
    """Puts something harmless in place of a wrong part, keeping the places of all others; False: hopeless."""
    path = _path(value, fault["loc"])
    last = str(fault["loc"][-1]) if fault["loc"] else ""
    if fault["type"] == "missing":
        target = _at(value, path)
        target[last] = _STAND_INS.get(last, BROKEN)
        return True
    if not path:
        return False
    parent = _at(value, path[:-1])
    if isinstance(parent, list):
        parent[int(path[-1])] = _stand_in_entry(path)
    elif fault["type"] == "extra_forbidden":
        del parent[path[-1]]
    elif path[-1] in _CONDITION_KEYS or path[-2:-1] == ("conditions",):
        parent[path[-1]] = BROKEN
    elif path[-1] in _STAND_INS:
        parent[path[-1]] = copy.deepcopy(_STAND_INS[str(path[-1])])
    else:
        del parent[path[-1]]
    return True


def _at(value: Any, path: Loc) -> Any:
    for part in path:
        value = value[part]
    return value


def _stand_in_entry(path: Loc) -> Any:
    if path[-2] in ("all", "any", "of", "steps", "peers"):
        return BROKEN
    return {"when": BROKEN} if path[-2] == "variants" else {"name": f"broken_{path[-1]}", "enter": BROKEN}


def _problem(model: type[BaseModel], doc: YamlDoc, code: str, fault: ErrorDetails) -> Problem:
    loc = fault["loc"]
    path = _path(doc.value, loc)
    kind = fault["type"]
    last = str(loc[-1]) if loc else ""
    if kind == "missing":
        return Problem(code, f"'{last}' is missing", doc.place(path, key=True))
    if kind == "extra_forbidden":
        where = doc.place(path, key=True)
        known = _known_keys(model, loc[:-1])
        hint = did_you_mean(last, known) or (f"known keys: {', '.join(known)}" if known else None)
        return Problem(code, f"unknown key '{last}'", where, hint, instead=same_but_for_case(last, known))
    if kind == "union_tag_not_found":
        return _no_condition(doc, code, path)
    if kind == "string_pattern_mismatch":
        what = f"'{fault['input']}' cannot be a name"
        return Problem(code, what, doc.place(path), "small letters, digits and _, starting with a letter")
    wanted = _TYPES.get(kind)
    if wanted:
        return Problem(code, f"'{_key(path)}' must be {wanted}", doc.place(path))
    if kind in ("too_short", "string_too_short"):
        return Problem(code, f"'{_key(path)}' is empty", doc.place(path))
    message = fault["msg"]
    if message.startswith("Input should "):
        return Problem(code, f"'{_key(path)}' must {message.removeprefix('Input should ')}", doc.place(path))
    message = message.removeprefix("Value error, ")
    return Problem(code, f"'{_key(path)}': {message[:1].lower()}{message[1:]}", doc.place(path))


def _key(path: Loc) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "the file")


def _no_condition(doc: YamlDoc, code: str, path: Loc) -> Problem:
    value = doc.value
    for part in path:
        value = value[part]
    if isinstance(value, list):
        return Problem(
            code, "a list of conditions stands alone", doc.place(path), "put all: or any: before it"
        )
    if isinstance(value, dict) and value:
        word = str(next(iter(value)))
        hint = did_you_mean(word, ("all", "any", "at_least", "not")) or _CONDITION_FORMS
        return Problem(code, f"unknown key '{word}' in a condition", doc.place((*path, word), key=True), hint)
    return Problem(code, "this is no condition", doc.place(path), _CONDITION_FORMS)


def _known_keys(model: Any, loc: tuple[int | str, ...]) -> list[str]:
    """Keys that stand where an unknown one was found: the JSON Schema is walked down along `loc`."""
    schema: dict[str, Any] = model.model_json_schema(by_alias=True)
    nodes = [schema]
    for part in loc:
        inner = [child for node in nodes for child in _inside(schema, node, part)]
        nodes = inner or nodes
    found = [key for node in nodes for flat in _flat(schema, node) for key in flat.get("properties", {})]
    return sorted(set(found))


_TAG_KEYS = {"every": "all", "some": "any", "several": "at_least", "negation": "not"}


def _inside(schema: dict[str, Any], node: dict[str, Any], part: int | str) -> list[dict[str, Any]]:
    if part in _TAG_KEYS:
        return [flat for flat in _flat(schema, node) if _TAG_KEYS[str(part)] in flat.get("properties", {})]
    found = []
    for flat in _flat(schema, node):
        if isinstance(part, int) and "items" in flat:
            found.append(flat["items"])
        elif part in flat.get("properties", {}):
            found.append(flat["properties"][part])
        elif isinstance(flat.get("additionalProperties"), dict):
            found.append(flat["additionalProperties"])
        else:
            found += list(flat.get("patternProperties", {}).values())
    return found


def _flat(schema: dict[str, Any], node: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a schema node, references followed."""
    if "$ref" in node:
        return _flat(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]])
    for union in ("anyOf", "oneOf", "allOf"):
        if union in node:
            return [flat for child in node[union] for flat in _flat(schema, child)]
    return [node]
