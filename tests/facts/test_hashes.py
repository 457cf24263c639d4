"""Hashes of export files are remembered, and never hold longer than what they are of."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from segkit.facts.files.hashes import Hashes

HOUR = 3600


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def settled(path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file as it lies there an hour after it was written."""
    path.write_text(text)
    later = time.time_ns() + HOUR * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)


def test_a_file_that_nobody_touched_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, cache = tmp_path / "a.csv", tmp_path / "state" / "hashes.json"
    settled(export, "a", monkeypatch)
    first = Hashes(cache)
    assert list(first.of([export])) == [(sha("a"), 1)]
    first.keep()
    told = json.loads(cache.read_text())
    told[str(export)][1] = "remembered"
    cache.write_text(json.dumps(told))
    assert list(Hashes(cache).of([export])) == [("remembered", 1)]


def test_other_content_of_one_size_and_date_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export, cache = tmp_path / "a.csv", tmp_path / "hashes.json"
    settled(export, "a", monkeypatch)
    first = Hashes(cache)
    list(first.of([export]))
    first.keep()
    before = export.stat()
    export.write_text("b")
    os.utime(export, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert list(Hashes(cache).of([export])) == [(sha("b"), 1)]


def test_a_file_just_written_is_not_remembered(tmp_path: Path) -> None:
    """Another write within the grain of the clock would look the same."""
    export, cache = tmp_path / "a.csv", tmp_path / "hashes.json"
    export.write_text("a")
    hashes = Hashes(cache)
    list(hashes.of([export]))
    hashes.keep()
    assert not cache.exists()


@pytest.mark.parametrize("written", ["", "[]", "{", '{"a": 1}', '{"a": [1, 2, 3]}'])
def test_a_damaged_memory_is_none(tmp_path: Path, written: str) -> None:
    export, cache = tmp_path / "a.csv", tmp_path / "hashes.json"
    export.write_text("a")
    cache.write_text(written)
    assert list(Hashes(cache).of([export])) == [(sha("a"), 1)]
