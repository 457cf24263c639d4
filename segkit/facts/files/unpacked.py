"""A packed file that would fill the memory or never end is refused before it is read."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO

from segkit.errors import InputError, Problem
from segkit.facts.files.found import GZIP, ZSTD, ExportFile

MOST_ROWS = 50_000_000
"""Of one packed or Parquet file: a line costs a few bits where it repeats the one before."""
MOST_BYTES = 8 << 30
MOST_TIMES = 200
"""How many times larger than the file its content may be; exports pack ten to forty to one."""
SMALL = 64 << 20
"""Bytes that may be unpacked, however small the file."""
LONGEST_LINE = 64 << 20
START = 4 << 20
"""Bytes that are unpacked for a header."""
_CHUNK = 1 << 20
_ZSTD_BLOCK = 128 << 10
"""No block of a zstandard frame holds more."""


def may_hold(size: int) -> int:
    """Bytes that a packed file of this size may hold."""
    return min(MOST_BYTES, max(SMALL, MOST_TIMES * size))


def refuse_bomb(file: ExportFile) -> None:
    """Raises InputError D104 where the content of a packed text file is beyond a limit.

    Damage is left to be told by whoever reads the file.
    """
    with file.path.open("rb") as opened:
        magic = opened.read(4)
    most = may_hold(file.bytes)
    if magic.startswith(GZIP) and file.bytes * 1032 > SMALL:  # deflate packs no more than that to one
        why = _gzip_fault(file.path, most)
    elif magic == ZSTD:
        why = _beyond(_zstd_bound(file.path, most), most)
    else:
        return
    if why is not None:
        raise InputError(too_much(file, why))


def too_much(file: ExportFile, why: str) -> Problem:
    return Problem("D104", why, file.place(), "export it again, in smaller files: one a month, say")


def gzip_start(path: Path, most: int) -> bytes:
    """The first bytes of what is packed, at most `most`. Raises: OSError, EOFError, zlib.error."""
    with gzip.open(path) as unpacked:
        return unpacked.read(most)


def _gzip_fault(path: Path, most: int) -> str | None:
    held, rows, run = 0, 0, 0
    try:
        with gzip.open(path) as unpacked:
            while chunk := unpacked.read(_CHUNK):
                held += len(chunk)
                lines = chunk.count(b"\n")
                rows += lines
                run = len(chunk) - chunk.rfind(b"\n") - 1 if lines else run + len(chunk)
                if run > LONGEST_LINE:
                    return f"unpacked, line {rows + 1} is longer than {LONGEST_LINE >> 20} MiB"
                if rows > MOST_ROWS:
                    return f"unpacked it has more than {MOST_ROWS:,} lines"
                if (why := _beyond(held, most)) is not None:
                    return why
    except (OSError, EOFError, zlib.error):
        return None
    return None


def _beyond(held: int, most: int) -> str | None:
    if held <= most:
        return None
    if most == MOST_BYTES:
        return f"unpacked it is larger than {MOST_BYTES >> 30} GiB"
    return f"unpacked it is more than {MOST_TIMES} times as large: no export packs like that"


def _zstd_bound(path: Path, most: int) -> int:
    """Bytes that the frames can hold at most, by the heads of their blocks; nothing is unpacked."""
    held = 0
    with path.open("rb") as file:
        while (magic := file.read(4)) and held <= most:
            if magic[1:] == b"\x2a\x4d\x18" and magic[0] >> 4 == 5:  # a frame to be skipped
                file.seek(int.from_bytes(file.read(4), "little"), 1)
            elif magic == ZSTD:
                held += _zstd_frame(file, most)
            else:
                break
    return held


def _zstd_frame(file: BinaryIO, most: int) -> int:
    """The same of one frame, whose magic number is read."""
    said = int.from_bytes(file.read(1), "little")
    alone = said >> 5 & 1
    file.seek((1 - alone) + (0, 1, 2, 4)[said & 3] + (alone, 2, 4, 8)[said >> 6], 1)
    held = 0
    while held <= most:
        head = file.read(3)
        if len(head) < 3:
            return held
        block = int.from_bytes(head, "little")
        size, kind, last = block >> 3, block >> 1 & 3, block & 1
        held += size if kind < 2 else _ZSTD_BLOCK
        file.seek(1 if kind == 1 else size, 1)
        if last:
            break
    file.seek(4 if said & 4 else 0, 1)
    return held
