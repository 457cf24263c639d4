"""A text file -> frames of numbered lines, whatever its encoding and however it is packed."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from segkit.facts.files.found import GZIP, WEB_PAGE, ZSTD, ExportFile, content
from segkit.facts.files.lines import LINE
from segkit.facts.files.unpacked import START, gzip_start, refuse_bomb

BATCH_LINES = 200_000
"""Larger batches cost more: their memory is new to the machine each time."""
LONGEST = 1_000_000
"""Bytes of a line that can be a row. A value of a megabyte is none; twenty would fill a batch."""
UTF8 = ("utf-8", "utf-8-sig")
_HEAD = 2**17
"""Bytes that are read at once: as a rule the first lines lie there, and to scan a file costs more."""


def lines_of(file: ExportFile, encoding: str) -> Iterator[pl.DataFrame]:
    """Frames of _line (from 1) and text of all lines; line ends and a byte order mark removed.

    Raises: InputError D104 for a file that unpacks beyond the limits; read.FAULTS.
    """
    refuse_bomb(file)
    if encoding in UTF8:
        return _checked(iter(_scan(file.path).collect_batches(chunk_size=BATCH_LINES, maintain_order=True)))
    return _checked(iter([_split(content(file).decode(encoding))]))


def first_lines_of(file: ExportFile, encoding: str, number: int) -> pl.DataFrame:
    """The same of the first `number` lines; of a packed file no more is unpacked than they may need."""
    with file.path.open("rb") as opened:
        head = opened.read(_HEAD)
    if head.startswith(GZIP):
        for most in (_HEAD, START):
            start = gzip_start(file.path, most)
            # The bytes may end within a character.
            text = codecs.getincrementaldecoder(encoding)().decode(start, len(start) < most)
            if len(start) < most or text.count("\n") >= number:
                break
        if len(start) == most:
            if "\n" not in text:
                raise ValueError(f"its first line is longer than {START >> 20} MiB")
            text = text[: text.rindex("\n")]
        frame = _split(text).head(number)
    elif encoding in UTF8:
        refuse_bomb(file)
        if len(head) == _HEAD:
            # The bytes may end within a character.
            head = head[: head.rfind(b"\n") + 1] if head.count(b"\n") >= number else b""
        known = head and not head.startswith(ZSTD)
        if known and head.isascii() and b"\r" not in head:
            frame = _split(head.decode()).head(number)
        else:
            frame = _scan(head if known else file.path).head(number).collect()
    else:
        frame = _split(content(file).decode(encoding)).head(number)
    return next(_checked(iter([frame])))


def _scan(source: Path | bytes) -> pl.LazyFrame:
    return pl.scan_lines(source, name="text", row_index_name=LINE, row_index_offset=1, glob=False)


def _split(text: str) -> pl.DataFrame:
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return pl.DataFrame({"text": lines}).with_row_index(LINE, offset=1)


def _checked(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    first = True
    for frame in frames:
        frame = frame.select(pl.col(LINE).cast(pl.Int64), "text")
        if first and frame.height:
            first = False
            start = _start(frame["text"][0])
            if start != frame["text"][0]:
                fixed = pl.when(pl.col(LINE) == 1).then(pl.lit(start)).otherwise(pl.col("text"))
                frame = frame.with_columns(fixed.alias("text"))
        yield frame


def _start(start: str) -> str:
    """The first line without its byte order mark. Raises ValueError where it is no text, or a web page."""
    start = start.removeprefix("\ufeff")
    if "\r" in start:
        raise ValueError("its lines end in CR alone (an old Mac format); save it with LF line ends")
    if "\0" in start:
        raise ValueError("it holds NUL bytes; it is no text in the declared encoding")
    if start.lstrip().lower().startswith(WEB_PAGE):
        raise ValueError("it is a web page: a login page was saved")
    return start
