"""YAML text to plain values, with the line and column of every key and value.

Only true/false, integers, decimals and null are typed; everything else is text (`yes`, `no`, `012`,
`12:30:45` and dates stay as written). Aliases, tags, duplicate keys and several documents are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from segkit.errors import ConfigError, Place, Problem

MAX_DEPTH = 64
MAX_EVENTS = 500_000
MAX_BYTES = 10_000_000

Loc = tuple[str | int, ...]
Value = Any
"""dict, list, str, int, float, bool or None."""

QUOTE_HINT = "quote the whole expression: '…'"

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]+([eE][-+]?[0-9]+)?|(?<=[0-9])[eE][-+]?[0-9]+)")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_LIKE_AN_EXPRESSION = re.compile(
    r"[<>=≤≥≠$%]|\b(at most|at least|under|over|between|is|in|and|or|not|member|trait|weeks_in)\b|_\d+d\b"
)


class Mark(Struct, frozen=True):
    """Line and column from 1, both of the first character and of the one after the last."""

    line: int
    column: int
    end_line: int
    end_column: int


class YamlDoc(Struct, frozen=True):
    """The value of a YAML text and where each of its parts stands."""

    value: Value
    path: str
    lines: tuple[str, ...]
    values: Mapping[Loc, Mark]
    keys: Mapping[Loc, Mark]

    def place(self, loc: Loc, key: bool = False) -> Place:
        """Where the value at `loc` stands, or the key that leads to it; the nearest known parent otherwise.

        Parts of `loc` that the file does not have (names a schema library puts in between) are skipped.
        """
        known: Loc = ()
        for part in loc:
            if (*known, part) in self.values:
                known = (*known, part)
        mark = (self.keys.get(known) if key else None) or self.values.get(known) or Mark(1, 1, 1, 1)
        return self.at(mark.line, mark.column, self._width(mark))

    def at(self, line: int, column: int, width: int = 1) -> Place:
        """A place by line and column, with its source line."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Place(self.path, line, column, text, width)

    def _width(self, mark: Mark) -> int:
        if mark.end_line == mark.line:
            return max(1, mark.end_column - mark.column)
        return max(1, len(self.lines[mark.line - 1].rstrip()) - mark.column + 1)

    def characters(self, loc: Loc) -> tuple[tuple[int, int], ...]:
        """Line and column of every character of the text at `loc`, and of the place after the last one.

        Quotes, escapes and folded lines of YAML are followed, so that a piece of an expression is found
        where the user wrote it.
        """
        mark, text = self.values[loc], self._text(loc)
        plain = text[:1] not in "'\"|>"
        if plain and self.lines[mark.line - 1][mark.column - 1 : mark.column - 1 + len(text)] == text:
            return tuple((mark.line, mark.column + at) for at in range(len(text) + 1))
        source = list(self._source(mark))
        if source and source[0][0] in "'\"":
            source = source[1:-1]
        elif source and source[0][0] in "|>":
            source = source[next((i for i, (char, *_) in enumerate(source) if char == "\n"), 0) :]
        single = self.lines[mark.line - 1][mark.column - 1 : mark.column] == "'"
        found: list[tuple[int, int]] = []
        at = 0
        last = (mark.line, mark.column)
        for char in text:
            position = _next(source, at, char)
            if position is not None:
                last = source[position][1:]
                # Within single quotes a quote is written twice.
                at = position + (2 if single and char == "'" else 1)
            found.append(last)
        end = (last[0], last[1] + 1) if found else last
        return (*found, end)

    def _text(self, loc: Loc) -> str:
        value = self.value
        for part in loc:
            value = value[part]
        return str(value)

    def _source(self, mark: Mark) -> Iterator[tuple[str, int, int]]:
        """(character, line, column) of the source of a value; a line break is one newline character."""
        for line in range(mark.line, mark.end_line + 1):
            text = self.lines[line - 1] if line <= len(self.lines) else ""
            first = mark.column if line == mark.line else 1
            stop = mark.end_column if line == mark.end_line else len(text) + 1
            for column in range(first, stop):
                yield text[column - 1], line, column
            if line < mark.end_line:
                yield "\n", line, len(text) + 1


def _next(source: list[tuple[str, int, int]], at: int, char: str) -> int | None:
    """Index of the source character that became `char`; indentation, folds and escapes are passed over."""
    if at < len(source) and source[at][0] == char:
        return at
    if char == " " and at < len(source) and source[at][0] == "\n":
        return at
    while at < len(source) and source[at][0] in " \t\n\\":
        at += 1
        if at < len(source) and source[at][0] == char:
            return at
    return None


def read_yaml(path: Path) -> YamlDoc:
    """The YAML file at `path`; ConfigError when it cannot be read or is not what segkit accepts."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise ConfigError(Problem("S104", f"{path} {reason}", Place(str(path)))) from error
    return read_bytes(raw, str(path))


def read_bytes(raw: bytes, path: str) -> YamlDoc:
    """YAML as bytes in UTF-8 (with or without a byte order mark)."""
    if len(raw) > MAX_BYTES:
        raise ConfigError(
            Problem("S103", f"the file is larger than {MAX_BYTES // 1_000_000} MB", Place(path))
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            Problem("S101", "the file is not UTF-8 text", Place(path, line), "save it as UTF-8")
        ) from error
    return read_text(text, path)


def read_text(text: str, path: str = "<text>") -> YamlDoc:
    """YAML text; ConfigError carries every problem with its place."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_BYTES:
        raise ConfigError(
            Problem("S103", f"the text is larger than {MAX_BYTES // 1_000_000} MB", Place(path))
        )
    builder = _Builder(path, tuple(BREAK.split(text)))
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except (yaml.YAMLError, UnicodeError, _StopReadingError) as error:
        builder.broken(error)
    if builder.problems:
        raise ConfigError(builder.problems)
    return YamlDoc(builder.value, path, builder.lines, builder.values, builder.keys)


class _StopReadingError(Exception):
    """The text is beyond a limit; its problem is already noted."""


class _Open(Struct):
    """A mapping or list that is being read."""

    value: dict[str, Value] | list[Value]
    loc: Loc
    start: tuple[int, int]
    key: str | None = None
    """The key whose value comes next; None when a key comes next."""
    spare: int = 0
    """Counts repeated keys, whose values are read under a name of their own and dropped."""


class _Builder:
    """Builds values and marks from parse events, so that no limit is found out by recursion."""

    def __init__(self, path: str, lines: tuple[str, ...]) -> None:
        self.path = path
        self.lines = lines
        self.value: Value = None
        self.values: dict[Loc, Mark] = {}
        self.keys: dict[Loc, Mark] = {}
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._events = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        self._events += 1
        if self._events > MAX_EVENTS:
            self._refuse("S103", f"the file has more than {MAX_EVENTS} parts", event, stop=True)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(
                "S103", f"aliases (*{event.anchor}) are not read", event, "write the value out", stop=True
            )
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse(
                    "S101", "a second document starts here", event, "one file holds one document", stop=True
                )
        if getattr(event, "tag", None) is not None:
            self._refuse("S101", f"tags ({event.tag}) are not read", event, "leave the tag out")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end(event)

    def _scalar(self, event: Any) -> None:
        mark = _mark(event.start_mark, event.end_mark)
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            self._key(parent, event, mark)
            return
        typed = event.style is None or event.style == ""
        self._put(resolve_scalar(event.value) if typed else event.value, mark)

    def _key(self, parent: _Open, event: Any, mark: Mark) -> None:
        name = str(event.value)
        loc = (*parent.loc, name)
        if loc in self.keys:
            first = self.keys[loc]
            self._refuse(
                "S102",
                f"'{name}' is written twice; the first is in line {first.line}, column {first.column}",
                event,
                "keep one of the two",
            )
            parent.spare += 1
            name = f"{name}\0{parent.spare}"
            loc = (*parent.loc, name)
        self.keys[loc] = mark
        parent.key = name

    def _start(self, event: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._refuse("S103", f"nested deeper than {MAX_DEPTH} levels", event, stop=True)
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            self._refuse("S101", "a key must be one word", event, QUOTE_HINT, stop=True)
        value: dict[str, Value] | list[Value] = {} if isinstance(event, yaml.MappingStartEvent) else []
        start = (event.start_mark.line + 1, event.start_mark.column + 1)
        self._open.append(_Open(value, self._here(), start))

    def _end(self, event: Any) -> None:
        done = self._open.pop()
        end = (event.end_mark.line + 1, event.end_mark.column + 1)
        self._put(done.value, Mark(*done.start, *end))

    def _here(self) -> Loc:
        if not self._open:
            return ()
        parent = self._open[-1]
        part = len(parent.value) if isinstance(parent.value, list) else parent.key
        return (*parent.loc, part) if part is not None else parent.loc

    def _put(self, value: Value, mark: Mark) -> None:
        self.values[self._here()] = mark
        if not self._open:
            self.value = value
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.key is not None:
            parent.value[parent.key] = value
            parent.key = None

    def _place(self, line: int, column: int) -> Place:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Place(self.path, line, column, text)

    def _refuse(self, code: str, what: str, event: Any, hint: str | None = None, stop: bool = False) -> None:
        place = self._place(event.start_mark.line + 1, event.start_mark.column + 1)
        self.problems.append(Problem(code, what, place, hint))
        if stop:
            raise _StopReadingError

    def broken(self, error: Exception) -> None:
        """Notes why the YAML reader gave up."""
        if isinstance(error, _StopReadingError):
            return
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            self._unreadable(error)
            return
        what = str(getattr(error, "problem", None) or "not valid YAML")
        opened = getattr(error, "context_mark", None)
        if opened is not None and not "".join(self.lines[mark.line :])[mark.column :].strip():
            # The reader noticed at the end of the file; the user has to look where the piece began.
            mark, what = opened, "this is not closed before the file ends"
        elif opened is not None and mark.line > opened.line and "flow" in str(error.context):  # type: ignore[attr-defined]
            # A bracket that is missing is noticed where the next key stands.
            mark, what = opened, f"this is not closed before line {mark.line + 1}"
        place = self._place(mark.line + 1, mark.column + 1)
        if "nesting depth" in what:
            # Newer readers stop on their own, before the first of the events that are counted here.
            self.problems.append(Problem("S103", f"nested deeper than {MAX_DEPTH} levels", place))
            return
        before = place.text or ""
        if not before.strip() and mark.line > 0:
            before = self.lines[mark.line - 1]
        hint = QUOTE_HINT if _LIKE_AN_EXPRESSION.search(before) else None
        if "tab character" in what or "'\\t'" in what:
            hint = "indent with spaces"
        elif hint is None and "mapping values are not allowed" in what:
            hint = "quote the whole text: '…'"
        self.problems.append(Problem("S101", f"not valid YAML: {what}", place, hint))

    def _unreadable(self, error: Exception) -> None:
        """A character that YAML does not allow: found again, for the reader says only its number."""
        for number, line in enumerate(self.lines, 1):
            found = re.search("[\0-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]", line)
            if found:
                place = self._place(number, found.start() + 1)
                what = f"the character U+{ord(found[0]):04X} is not allowed in YAML"
                self.problems.append(Problem("S101", what, place, "delete it"))
                return
        reason = getattr(error, "reason", None) or "unreadable text"
        self.problems.append(Problem("S101", f"not valid YAML: {reason}", Place(self.path, 1)))


def _mark(start: Any, end: Any) -> Mark:
    return Mark(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def resolve_scalar(text: str) -> str | int | float | bool | None:
    """What a plain YAML word means.

    >>> [resolve_scalar(word) for word in ("true", "12", "1e3", "yes", "012", "2026-11-15", "~")]
    [True, 12, 1000.0, 'yes', '012', '2026-11-15', None]
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= 300 and _INT.fullmatch(text):
        return int(text)
    if len(text) <= 300 and _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
