"""Rule files with other thresholds, timers or one more flag: the text stays as it was written elsewhere."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping

import yaml

from segkit.yamltext import BREAK, Loc, Mark, YamlDoc, read_text

TIMERS = ("enter_after", "exit_after", "min_stay", "cooldown")


def setting(doc: YamlDoc, name: str) -> Loc | None:
    """Where the threshold `big_drop` or the timer `at_risk.enter_after` stands or would; None for neither."""
    segment, _, timer = name.rpartition(".")
    if timer in TIMERS:
        of = segment_at(doc, segment)
        return None if of is None else (*of, timer)
    loc: Loc = ("thresholds", name)
    if loc not in doc.values:
        return None
    return (*loc, "default") if (*loc, "default") in doc.values else loc


def segment_at(doc: YamlDoc, name: str) -> Loc | None:
    """Where a segment or flag of that name stands."""
    lists = [loc for loc in doc.values if loc in (("segments",), ("flags",)) or _dimension(loc)]
    for loc in lists:
        value = doc.value
        for part in loc:
            value = value[part]
        for place, each in enumerate(value if isinstance(value, list) else ()):
            if isinstance(each, dict) and each.get("name") == name:
                return (*loc, place)
    return None


def _dimension(loc: Loc) -> bool:
    return len(loc) == 2 and loc[0] == "dimensions"


def edited(text: str, path: str, values: Mapping[str, str]) -> str:
    """The text of a rule file with these settings (by the names that `setting` knows) in it.

    A timer that is not written yet comes before its segment's `enter`. Raises: ConfigError for text that is
    no YAML, LookupError for a name that is no setting of it.
    """
    text = text.removeprefix("\ufeff")
    doc = read_text(text, path)
    begins = list(_lines(text))
    pieces = []
    for name, value in values.items():
        loc = setting(doc, name)
        if loc is None:
            raise LookupError(name)
        if loc in doc.values:
            mark = doc.values[loc]
            pieces.append((_at(begins, mark), begins[mark.end_line - 1] + mark.end_column - 1, value))
        else:
            mark = doc.keys[(*loc[:-1], "enter")]
            own_line = not doc.lines[mark.line - 1][: mark.column - 1].strip(" -")
            after = f"\n{' ' * (mark.column - 1)}" if own_line else ", "
            pieces.append((_at(begins, mark), _at(begins, mark), f"{loc[-1]}: {value}{after}"))
    for start, stop, value in sorted(pieces, reverse=True):
        text = text[:start] + value + text[stop:]
    return text


def _at(begins: list[int], mark: Mark) -> int:
    return begins[mark.line - 1] + mark.column - 1


def _lines(text: str) -> Iterator[int]:
    """Where each line begins."""
    yield 0
    yield from (found.end() for found in re.finditer(BREAK, text))


def with_flag(text: str, path: str, entry: str) -> str:
    """The text of a rule file with one more flag in it, the first one; all else stays as it was written.

    `entry`: an item of a list in block style, as `format_segment` writes it. Raises: ConfigError for text
    that is no YAML.
    """
    text = text.removeprefix("\ufeff")
    doc = read_text(text, path)
    begins = list(_lines(text))
    first = doc.values.get(("flags", 0))
    if first is None:
        # An empty list, or none: one at the end speaks for it.
        if ("flags",) in doc.keys:
            key, value = doc.keys[("flags",)], doc.values[("flags",)]
            start, stop = _at(begins, key), begins[value.end_line - 1] + value.end_column - 1
            text = text[:start] + text[stop:]
        return f"{text.rstrip()}\nflags:\n{_indented(entry, 2)}"
    line = doc.lines[first.line - 1]
    before = line[: first.column - 1]
    if before.strip() == "-":
        at, indent = begins[first.line - 1], len(line) - len(line.lstrip())
        return text[:at] + _indented(entry, indent) + text[at:]
    flow = yaml.dump(yaml.safe_load(entry)[0], default_flow_style=True, width=10_000, allow_unicode=True)
    at = _at(begins, first)
    return f"{text[:at]}{flow.strip()}, {text[at:]}"


def _indented(entry: str, indent: int) -> str:
    lines = textwrap.dedent(entry).strip("\n").splitlines()
    return "".join(f"{' ' * indent}{line}\n" for line in lines)
