"""One file of a run without somebody: their rows go, everybody else's stay byte for byte."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl

from segkit.facts.rows.erased import BLANK
from segkit.reports import to_parquet
from segkit.runs.erasing.gone import Gone

KINDS = {
    "account_id": "account",
    "parent_id": "account",
    "into": "account",
    "user_id": "user",
    "email": "email",
}
"""Column -> kind of the ids in it."""
KEYS = ("raw_id", "user_key", "person")
"""Columns of ids that have their kind before them."""
BELONGS = ("account_id", "user_id", "email", "raw_id", "user_key")
"""Whose a row is; in other columns only the value is blanked."""
RAW = "raw"
MARKS = re.compile(r"(<style>.*?</style>|<[^<>]*>)", re.DOTALL)
"""What is no text in a page of ours."""
TEXTS = (RAW, "reason", "override", "paused")
"""Columns in which people, or messages about a row, may speak of somebody else."""


def without(name: str, content: bytes, gone: Gone) -> bytes | None:
    """The new bytes of a file; None for one that holds them and cannot be rewritten."""
    ending = name.lower().rpartition(".")[2]
    if ending == "parquet":
        return _parquet(content, gone)
    if ending == "xlsx":
        return None if _in_archive(content, gone) else content
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None if any(value.encode() in content for value in gone.values) else content
    if ending == "csv":
        return _csv(text, gone).encode()
    if ending == "html":
        return _html(text, gone).encode()
    if ending == "json":
        value = json.loads(text)
        new = walked(value, gone)
        return content if new == value else to_json(new)
    return gone.out_of(text).encode()


def _parquet(content: bytes, gone: Gone) -> bytes:
    table = pl.read_parquet(io.BytesIO(content))
    theirs, changed = pl.lit(False), {}
    for column in (name for name, kind in table.schema.items() if kind == pl.String):
        hit = table[column].is_in(sorted(_values(column, gone))).fill_null(False)
        if column in BELONGS:
            theirs = theirs | hit
        elif column in KINDS or column in KEYS:
            changed[column] = table[column].set(hit, None)
        else:
            changed[column] = _without(table[column], gone.out_of if column in TEXTS else gone.without_signs)
    changed = {name: new for name, new in changed.items() if not new.equals(table[name], null_equal=True)}
    rewritten = table.with_columns(**changed).filter(~theirs)
    return content if not changed and rewritten.height == table.height else to_parquet(rewritten)


def _values(column: str, gone: Gone) -> frozenset[str]:
    if column in KEYS:
        return gone.ids
    return gone.of(KINDS[column]) if column in KINDS else frozenset()


def _without(texts: pl.Series, out_of: Callable[[str], str]) -> pl.Series:
    new = {text: out_of(text) for text in texts.drop_nulls().unique()}
    return texts.replace({old: text for old, text in new.items() if old != text})


def _csv(text: str, gone: Gone) -> str:
    """Lines of others stay as they are, but for what means them in texts."""
    records = list(_records(text))
    if not records:
        return text
    header = next(csv.reader([records[0]]), [])
    kept = [records[0]]
    for record in records[1:]:
        fields = [_plain(field) for field in next(csv.reader(io.StringIO(record)), [])]
        row = dict(zip(header, fields, strict=False))
        belongs = any(row.get(name, "") in _values(name, gone) for name in BELONGS)
        if not belongs and not _in_raw(row.get(RAW), gone):
            kept.append(_of_others(record, row, gone))
    return "".join(kept)


def _html(text: str, gone: Gone) -> str:
    """A page whose marks and style stay as they are: an account may be called as they are."""
    pieces = MARKS.split(text)
    return "".join(piece if at % 2 else gone.out_of(piece) for at, piece in enumerate(pieces))


def _of_others(record: str, row: Mapping[str, str], gone: Gone) -> str:
    """A line in which only texts lose what means them."""
    for text in (row[name] for name in TEXTS if row.get(name)):
        new = gone.out_of(text)
        if new != text:
            record = record.replace(text.replace('"', '""'), new.replace('"', '""'))
    return gone.without_signs(record)


def _plain(field: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running it."""
    return field[1:] if field[:1] == "'" else field


def _in_raw(raw: str | None, gone: Gone) -> bool:
    """Whether a refused row, as it stood in its file, is theirs: one of its fields is who they are.

    Where a longer text speaks of them the row is somebody else's, and the text is blanked.
    """
    if not raw:
        return False
    words = {word.strip(" \"'{}") for word in re.split(r"[,;|\t]|\":\s*", raw)}
    # A name stands in two fields where the export has one for each part of it.
    called = any(words.issuperset(name.split()) for name in gone.people)
    return called or any(word in gone.values or gone.without_signs(word) == BLANK for word in words)


def _records(text: str) -> Iterator[str]:
    """Rows with their line ends; a line break inside quotes belongs to its row."""
    held = ""
    for line in io.StringIO(text, newline="\n"):
        held += line
        if held.count('"') % 2 == 0:
            yield held
            held = ""
    if held:
        yield held


def to_json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def walked(value: Any, gone: Gone) -> Any:
    """A JSON value without their entries in lists, and without their words in texts."""
    match value:
        case str():
            return gone.out_of(value)
        case list():
            return [walked(each, gone) for each in value if not _is_theirs(each, gone)]
        case dict():
            # A category is a key: how often a value occurred.
            return {gone.out_of(key): walked(each, gone) for key, each in value.items()}
        case _:
            return value


def _is_theirs(value: Any, gone: Gone) -> bool:
    return isinstance(value, dict) and any(value.get(name) in _values(name, gone) for name in BELONGS)


def _in_archive(content: bytes, gone: Gone) -> bool:
    """Whether a workbook holds a word of theirs."""
    words = gone.words
    if words is None:
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return any(words.search(archive.read(name).decode("utf-8", "replace")) for name in archive.namelist())
