"""Which files a source has, what they are, and that they are what their name says."""

from __future__ import annotations

import difflib
import gzip
import os
import re
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from segkit.errors import Place, Problem
from segkit.facts.files.hashes import Hashes
from segkit.facts.mapping import DATE_MARK, SourceConfig

if TYPE_CHECKING:
    from segkit.facts.presets.forms import Form

Format = Literal["csv", "parquet", "jsonl", "xlsx"]

_FORMATS: tuple[tuple[str, Format], ...] = (
    (".csv", "csv"),
    (".csv.gz", "csv"),
    (".csv.zst", "csv"),
    (".tsv", "csv"),
    (".txt", "csv"),
    (".parquet", "parquet"),
    (".jsonl", "jsonl"),
    (".json", "jsonl"),
    (".ndjson", "jsonl"),
    (".xlsx", "xlsx"),
    (".jsonl.gz", "jsonl"),
    (".json.gz", "jsonl"),
    (".ndjson.gz", "jsonl"),
)
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
WEB_PAGE = ("<!doctype", "<html", "<?xml", "<head", "<body")
_STRANGERS: tuple[tuple[bytes, str, str], ...] = (
    (b"PAR1", "a Parquet file", "rename it to .parquet"),
    (_ZIP, "a zip archive or an Excel workbook", "name a workbook .xlsx, or unpack the archive"),
    (_OLE, "an old Excel workbook, or a protected one", "save it as .xlsx without a password"),
    (b"%PDF", "a PDF", "export it as CSV"),
    (b"BZh", "compressed with bzip2", "compress with gzip or not at all"),
    (b"SQLite format 3", "an SQLite database", "export the table as CSV"),
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ANY_DATE = "\0" * len("2026-11-15")
"""Stands for the date in a name and in its pattern: no name holds it, and it is as long as a date."""


class ExportFile(Struct, frozen=True):
    """One file of a source, hashed as it lies there."""

    source: str
    path: Path
    name: str
    """Relative to the exports folder, with forward slashes."""
    format: Format
    dated: date | None
    """The date that {date} stands for in its name."""
    bytes: int
    sha256: str
    form: Form | None = None
    """What a preset says of it."""

    @property
    def is_text(self) -> bool:
        """Whether its lines are rows."""
        return self.format in ("csv", "jsonl")

    def place(self, line: int | None = None, column: int | None = None, text: str | None = None) -> Place:
        return Place(self.name, line, column, text)


def find_files(
    source: str, config: SourceConfig, exports: Path, hashes: Hashes | None = None
) -> tuple[tuple[ExportFile, ...], list[Problem]]:
    """The files of a source sorted by name, hashed and sniffed; or why there are none (D101, D104)."""
    if not exports.is_dir():
        what = f"the exports folder {exports.name} does not exist"
        return (), [Problem("D101", what, Place(str(exports)), "set `exports:` in segkit.yaml")]
    lying = _lying(exports, config.patterns)
    found: dict[str, date | None] = {}
    problems: list[Problem] = []
    for pattern in config.patterns:
        means = _meant(pattern)
        matching = {name: dated for name in lying for ok, dated in [means(name)] if ok}
        if not matching:
            problems.append(_missing(source, pattern, lying))
        found.update(matching)
    kept: list[tuple[str, date | None, Format]] = []
    for name, dated in sorted(found.items()):
        kind = format_of(name)
        fault = _unknown(name) if kind is None else sniff(exports / name, name, kind, config.encoding)
        if fault is None and kind is not None:
            kept.append((name, dated, kind))
        elif fault is not None:
            problems.append(fault)
    hashed = (hashes or Hashes()).of([exports / name for name, _, _ in kept])
    files = tuple(
        ExportFile(source, exports / name, name, kind, dated, size, sha)
        for (name, dated, kind), (sha, size) in zip(kept, hashed, strict=True)
    )
    return files, problems


def _lying(exports: Path, patterns: Sequence[str]) -> list[str]:
    """Files as deep down as the patterns reach; the folder may also hold what runs left, or a whole home."""
    deepest = max(len(pattern.removeprefix("./").split("/")) for pattern in patterns)
    found: list[str] = []
    folders = [("", str(exports))]
    for _ in range(deepest):
        below: list[tuple[str, str]] = []
        for before, folder in folders:
            files, inside = _in_folder(folder)
            found += [before + name for name in files]
            below += [(f"{before}{name}/", os.path.join(folder, name)) for name in inside]
        folders = below
    return sorted(found)


def _in_folder(folder: str) -> tuple[list[str], list[str]]:
    """Names of the files and of the folders in it. The system tells what each is; none is looked at alone."""
    files: list[str] = []
    folders: list[str] = []
    # One that may not be looked into, or a link that leads nowhere, holds nothing.
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_file():
                    files.append(entry.name)
                elif entry.is_dir():
                    folders.append(entry.name)
    return files, folders


def format_of(name: str) -> Format | None:
    low = name.lower()
    return next((kind for ending, kind in _FORMATS if low.endswith(ending)), None)


def sniff(path: Path, name: str, kind: Format, encoding: str) -> Problem | None:
    """Not what its name says: a login page, a workbook, UTF-16 (D104); or an empty file (D103)."""
    try:
        head = _start(path)
    except (OSError, EOFError, zlib.error) as error:
        return Problem("D104", f"cannot be read: {getattr(error, 'strerror', None) or error}", Place(name))
    if not head:
        return Problem("D103", "the file is empty (0 bytes)", Place(name), "was the export interrupted?")
    if kind == "parquet":
        return None if head.startswith(b"PAR1") else _no(name, "not a Parquet file", "export it again")
    if kind == "xlsx" and not head.startswith(_OLE):
        return None if head.startswith(_ZIP) else _no(name, "not a workbook", "export it again")
    if head.startswith(ZSTD):
        return None
    for magic, what, hint in _STRANGERS:
        if head.startswith(magic):
            return _no(name, f"not text: it is {what}", hint)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(tuple(word.encode() for word in WEB_PAGE)):
        return _no(name, "not an export: it is a web page", "a login page was saved; export it again")
    if kind == "csv" and start.startswith((b'{"', b"[{", b"[\n", b"[\r")):
        return _no(name, "not CSV: it is JSON", "write one object a line, in a file called .jsonl")
    if head.startswith(b"\xef\xbb\xbf") and not encoding.startswith("utf-8"):
        return _no(name, f"not {encoding}: it is UTF-8", "leave encoding out")
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or (
        len(head) > 3 and head[1:8:2] == b"\0" * len(head[1:8:2])
    )
    if wide and not encoding.startswith("utf-16"):
        return _no(name, f"not {encoding.upper()}: it looks like UTF-16", "encoding: utf-16")
    if encoding.startswith("utf-16") and not wide and b"\0" not in head:
        return _no(name, "not UTF-16: its characters are single bytes", "leave encoding out, or say cp1252")
    return None


def _start(path: Path) -> bytes:
    """The first bytes of what the file holds, taken out of gzip."""
    with path.open("rb") as file:
        head = file.read(512)
    if not head.startswith(GZIP):
        return head
    with gzip.open(path) as unpacked:
        return unpacked.read(512)


def content(file: ExportFile) -> bytes:
    """The bytes of a text file, taken out of gzip. Raises OSError, EOFError; ValueError for zstandard."""
    data = file.path.read_bytes()
    if data.startswith(ZSTD):
        raise ValueError("compressed by zstandard only UTF-8 is read")
    return gzip.decompress(data) if data.startswith(GZIP) else data


def unfinished(file: ExportFile, encoding: str) -> Problem | None:
    """D110, a warning: plain text whose last line has no end, as a cut export has none."""
    if not file.is_text or file.name.lower().endswith((".gz", ".zst")) or not file.bytes:
        return None
    end = "\n".encode({"utf-16": "utf-16-le"}.get(encoding, encoding))
    with file.path.open("rb") as opened:
        opened.seek(-min(file.bytes, len(end)), 2)
        last = opened.read()
    if last == end or (encoding == "utf-16" and last == end[::-1]):
        return None
    what = "the last line has no line break: a file that was cut looks like this"
    return Problem("D110", what, file.place(), "check that its last row is whole", "warning")


def _no(name: str, what: str, hint: str) -> Problem:
    return Problem("D104", what, Place(name, 1), hint)


def _unknown(name: str) -> Problem:
    endings = ", ".join(ending for ending, _ in _FORMATS)
    instead = {".xls": "save it as .xlsx or CSV", ".bz2": "unpack it, or pack it as .gz"}
    hint = instead.get(Path(name).suffix.lower(), f"known endings: {endings}")
    return Problem("D104", "files of this kind are not read", Place(name), hint)


def _meant(pattern: str) -> Callable[[str], tuple[bool, date | None]]:
    """Whether a pattern means a name; brackets are plain characters, so that a[1].csv is that very file."""
    escaped = pattern.replace("[", "[[]")
    alike = _alike(escaped.replace(DATE_MARK, _ANY_DATE))
    if DATE_MARK not in pattern:
        return lambda name: (alike(name), None)
    written = _DATE.search(pattern) is not None

    def dated(name: str) -> tuple[bool, date | None]:
        for hit in _DATE.finditer(name):
            try:
                day = date.fromisoformat(hit.group())
            except ValueError:
                continue
            text = hit.group()
            # A date that stands there twice, or in the pattern too, may be meant by either.
            plain = not written and name.count(text) == 1
            own = alike if plain else _alike(escaped.replace(DATE_MARK, text))
            if own(name.replace(text, _ANY_DATE) if plain else name):
                return True, day
        return False, None

    return dated


def _alike(pattern: str) -> Callable[[str], bool]:
    """Folder by folder: a star does not reach into another folder."""
    wanted = [re.compile(translate(part)).match for part in pattern.removeprefix("./").split("/")]

    def alike(name: str) -> bool:
        parts = name.split("/")
        return len(parts) == len(wanted) and all(
            match(part) for match, part in zip(wanted, parts, strict=True)
        )

    return alike


def _missing(source: str, pattern: str, lying: Sequence[str]) -> Problem:
    close = difflib.get_close_matches(pattern.replace("*", "").replace(DATE_MARK, ""), lying, n=1, cutoff=0.5)
    shown = ", ".join(lying[:6]) + (f" and {len(lying) - 6} more" if len(lying) > 6 else "")
    hint = f"did you mean {close[0]}? " if close else ""
    hint += f"in the folder: {shown}" if lying else "the exports folder is empty"
    return Problem("D101", f"{source}: no file matches {pattern}", Place(pattern), hint)
