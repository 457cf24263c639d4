"""What baselines keep of the past, as files: blocks of periods, one line per period.

    <folder>/<metric>-<key>/index.json       what there is; written last, so that it is the commit point
                            <name>.npz       the groups, and the place of each account in each block
                            <name>-<figure>.npy   [periods, accounts] float64, mapped into memory

A run adds a block with its new periods; many blocks become one. It is a cache: what is missing, damaged or of
another key is not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.baselines import Block, Columns, GroupPast, Kept, Past
from segkit.errors import IoError
from segkit.runs.folders.files import replace_file

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]

INDEX = "index.json"
SIDES = ("recent", "usual")
MANY = 26
"""Blocks that become one."""
_DAMAGE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile)


class Blocks(Struct, frozen=True):
    """A shelf (engine.baselines.Shelf) in a folder; without `write` it is only read."""

    folder: Path
    write: bool = True

    def get(self, metric: str, key: str) -> Kept | None:
        folder = self._folder(metric, key)
        try:
            return _read(folder, json.loads((folder / INDEX).read_text("utf-8")))
        except _DAMAGE:
            return None

    def put(self, metric: str, key: str, kept: Kept) -> None:
        if not self.write:
            return
        folder = self._folder(metric, key)
        # A cache that cannot be written costs time, never a result.
        with suppress(OSError, IoError):
            for other in self.folder.glob(f"{_short(metric)}-*"):
                if other != folder:
                    shutil.rmtree(other, ignore_errors=True)
            _write(folder, kept)

    def _folder(self, metric: str, key: str) -> Path:
        return self.folder / f"{_short(metric)}-{key[:16]}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


# --- reading ---


def _read(folder: Path, index: Mapping[str, Any]) -> Kept:
    content = (folder / f"{index['name']}.npz").read_bytes()
    _checked(index, f"{index['name']}.npz", content)
    with np.load(BytesIO(content), allow_pickle=False) as file:
        arrays = dict(file)
    figures = {
        figure: Columns(tuple(_block(folder, index, arrays, figure, *each) for each in blocks))
        for figure, blocks in index["figures"].items()
    }
    recent, usual = (
        tuple(
            GroupPast(tuple(labels), arrays[f"{side}-{level}-change"], arrays[f"{side}-{level}-surprise"])
            for level, labels in enumerate(index["groups"])
        )
        for side in SIDES
    )
    past = Past().columns(figures).with_groups(recent, usual)
    return Kept(index["last"], tuple(index["prints"]), tuple(index["accounts"]), past)


def _block(
    folder: Path, index: Mapping[str, Any], arrays: Arrays, figure: str, name: str, start: int, stop: int
) -> Block:
    file = f"{name}-{figure}.npy"
    lines = np.load(folder / file, mmap_mode="r", allow_pickle=False)
    _checked(index, file, lines.data)
    place = arrays[f"at-{name}"]
    same = len(place) == lines.shape[1] and bool((place == np.arange(len(place))).all())
    return Block(lines, start, stop, None if same else place, name)


def _checked(index: Mapping[str, Any], file: str, content: bytes | memoryview) -> None:
    if zlib.crc32(content) != index["sums"][file]:
        raise ValueError(f"{file} is not what was written")


# --- writing ---


def _write(folder: Path, kept: Kept) -> None:
    """New files under a name of their own, then the index, then what it no longer names goes."""
    folder.mkdir(parents=True, exist_ok=True)
    name, sums = uuid.uuid4().hex, _sums(folder)
    past = _few(kept.past, sums)
    places: dict[str, Array] = {f"at-{name}": np.arange(len(kept.accounts))}
    figures: dict[str, list[tuple[str, int, int]]] = {}
    for figure, columns in past.by_name().items():
        old = [block for block in columns.blocks if block.name]
        fresh = [block.rows(slice(None)).T for block in columns.blocks if not block.name]
        figures[figure] = [(block.name, block.start, block.stop) for block in old]
        places |= {f"at-{block.name}": _place(block) for block in old}
        if fresh:
            lines = np.ascontiguousarray(np.concatenate(fresh))
            sums[f"{name}-{figure}.npy"] = _save(folder / f"{name}-{figure}.npy", lines)
            figures[figure].append((name, 0, len(lines)))
    packed = BytesIO()
    np.savez(packed, allow_pickle=False, **places, **_groups(past))
    sums[f"{name}.npz"] = zlib.crc32(packed.getvalue())
    replace_file(folder / f"{name}.npz", packed.getvalue())
    files = {f"{block}-{figure}.npy" for figure, blocks in figures.items() for block, _, _ in blocks}
    files.add(f"{name}.npz")
    index = {
        "name": name,
        "last": kept.last,
        "prints": kept.prints,
        "accounts": kept.accounts,
        "groups": [group.labels for group in past.groups_recent],
        "figures": figures,
        "sums": {file: sums[file] for file in sorted(files)},
    }
    replace_file(folder / INDEX, json.dumps(index).encode())
    for other in folder.iterdir():
        if other.name not in files and other.name != INDEX:
            other.unlink(missing_ok=True)


def _place(block: Block) -> Array:
    """The place of each account in a block."""
    return np.arange(block.lines.shape[1]) if block.index is None else block.index


def _few(past: Past, sums: Mapping[str, int]) -> Past:
    """Every figure as one block that lies in no file, once there are many, or where the index is gone or
    refuses to be read again: without their checksums the files of old blocks cannot be named in a new one.
    """
    blocks = [(name, block.name) for name, columns in past.by_name().items() for block in columns.blocks]
    summed = all(f"{block}-{figure}.npy" in sums for figure, block in blocks if block)
    if summed and len({block for _, block in blocks}) <= MANY:
        return past
    whole = {}
    for figure, columns in past.by_name().items():
        lines = np.concatenate([block.rows(slice(None)).T for block in columns.blocks])
        whole[figure] = Columns((Block(lines, 0, len(lines)),))
    return past.columns(whole)


def _sums(folder: Path) -> dict[str, int]:
    """Checksums of the files that are there."""
    try:
        sums: dict[str, int] = json.loads((folder / INDEX).read_text("utf-8"))["sums"]
    except _DAMAGE:
        return {}
    return sums


def _save(path: Path, lines: Array) -> int:
    """The checksum of what was written; flushed, because the index will name it."""
    with open(path, "wb") as file:
        np.save(file, lines, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    return zlib.crc32(lines.data)


def _groups(past: Past) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for side, groups in zip(SIDES, (past.groups_recent, past.groups_usual), strict=True):
        for level, group in enumerate(groups):
            found[f"{side}-{level}-change"] = group.change
            found[f"{side}-{level}-surprise"] = group.surprise
    return found
