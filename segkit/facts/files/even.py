"""A text file whose lines all have the shape of its header, without quotes: read as it lies there."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.facts.files.found import GZIP, WEB_PAGE, ZSTD, ExportFile
from segkit.facts.files.lines import LINE
from segkit.facts.files.texts import BATCH_LINES

_MOST = 2**25
"""Bytes of a file that is held whole."""
_PIECE = 2**17
"""Bytes that are counted at once; a line that fills them is looked at closely."""
_FEW = 300
"""So few lines are taken apart by Python before Polars would have begun."""
_MARK = b"\xef\xbb\xbf"


class Even(Struct, frozen=True):
    """rows: _line and the wanted columns; empty text is null.

    stripped: no cell begins or ends with white space. text: _line and text of every row.
    """

    rows: pl.DataFrame
    stripped: bool
    text: Callable[[], pl.DataFrame]


class _Counts(Struct, frozen=True):
    lines: int
    separators: int
    blanks: int
    """White space and signs of control, ends of lines among them."""


def even(file: ExportFile, separator: str, width: int, places: Mapping[str, int]) -> Even | None:
    """The rows of a file of UTF-8 in one batch; None where any line needs a closer look.

    places: name of a wanted column -> its place among the `width` of a line. Raises OSError.
    """
    if width < 2 or not places or not separator.isascii():
        return None
    data = _plain(file)
    counts = None if data is None else _counts(data, ord(separator))
    if data is None or counts is None or counts.lines > BATCH_LINES:
        return None
    # So each line has as many fields as the header: none has more, or it could not be taken apart below.
    if counts.separators != (width - 1) * counts.lines:
        return None
    header = data[: data.index(b"\n") + 1]
    if b"\n" + header in data:
        return None
    whole = (_few if counts.lines <= _FEW else _many)(data, separator, width)
    if whole is None or len(whole[0]) != counts.lines:
        return None
    numbers = pl.int_range(2, counts.lines + 1, dtype=pl.Int64, eager=True).alias(LINE)
    rows = pl.DataFrame([numbers, *(whole[at][1:].alias(name) for name, at in places.items())])

    def text() -> pl.DataFrame:
        lines = pl.Series("text", data.decode().split("\n")[1:-1], dtype=pl.String)
        return pl.DataFrame([numbers, lines])

    return Even(rows, counts.blanks == counts.lines and data.isascii(), text)


def _plain(file: ExportFile) -> bytes | None:
    """What the file holds, its lines ended by LF alone, if it is text that needs no closer look."""
    data = _unpacked(file)
    if data is None or data.startswith(ZSTD) or b'"' in data or b"\0" in data:
        return None
    data = data.removeprefix(_MARK)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if b"\r" in data or data[:100].lstrip().lower().startswith(tuple(map(str.encode, WEB_PAGE))):
        return None
    try:
        known = data.isascii() or bool(data.decode())
    except UnicodeDecodeError:
        return None
    if not known or not data.endswith(b"\n") or data.endswith(b"\n\n"):
        data = data.rstrip(b"\n") + b"\n"
    return data


def _unpacked(file: ExportFile) -> bytes | None:
    """Taken out of gzip. None where that is too much, and where it is damaged, which a closer look tells."""
    if file.bytes > _MOST:
        return None
    data = file.path.read_bytes()
    if not data.startswith(GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            data = packed.read(_MOST + 1)
    except (OSError, EOFError, zlib.error):
        return None
    return data if len(data) <= _MOST else None


def _counts(data: bytes, separator: int) -> _Counts | None:
    """Of all signs; None where a line is long beyond any row."""
    signs = np.frombuffer(data, dtype=np.uint8)
    lines = separators = blanks = 0
    for start in range(0, len(signs), _PIECE):
        piece = signs[start : start + _PIECE]
        ends = int(np.count_nonzero(piece == ord("\n")))
        if not ends:
            return None
        lines += ends
        separators += int(np.count_nonzero(piece == separator))
        blanks += int(np.count_nonzero(piece <= ord(" ")))
    return _Counts(lines, separators, blanks)


def _few(data: bytes, separator: str, width: int) -> list[pl.Series] | None:
    lines = [line.split(separator) for line in data.decode().split("\n")[:-1]]
    if any(len(line) != width for line in lines):
        return None
    return [
        pl.Series([cell or None for cell in cells], dtype=pl.String) for cells in zip(*lines, strict=True)
    ]


def _many(data: bytes, separator: str, width: int) -> list[pl.Series] | None:
    # All columns, not only those wanted: a line with a field too many is noticed by taking it apart.
    schema = {str(at): pl.String for at in range(width)}
    try:
        table = pl.read_csv(data, has_header=False, separator=separator, quote_char=None, schema=schema)
    except pl.exceptions.PolarsError:
        return None
    return table.get_columns()
