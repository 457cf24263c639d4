"""Ids of which only keyed hashes are kept: who is on the list can be asked, the list cannot be read."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

import polars as pl
from msgspec import Struct


def keyed_hash(key: bytes, text: str) -> str:
    """HMAC-SHA-256 (RFC 2104) as 64 hex digits."""
    return hmac.digest(key, text.encode(), "sha256").hex()


class Hashed(Struct, frozen=True):
    """Ids are texts with their kind before them: `account:A1`, `user:7`, `email:x@y.z` (small letters)."""

    key: bytes
    hashes: frozenset[str] = frozenset()

    def holds(self, ids: pl.Series) -> pl.Series:
        """Whether each id is on the list; null is not."""
        different = ids.unique().drop_nulls()
        known = [text for text in different if keyed_hash(self.key, text) in self.hashes]
        return ids.is_in(known).fill_null(False)

    def has_any(self, ids: Iterable[str]) -> bool:
        return any(keyed_hash(self.key, text) in self.hashes for text in ids)

    def with_ids(self, ids: Iterable[str]) -> Hashed:
        return Hashed(self.key, self.hashes | {keyed_hash(self.key, text) for text in ids})

    def without(self, ids: Iterable[str]) -> Hashed:
        return Hashed(self.key, self.hashes - {keyed_hash(self.key, text) for text in ids})

    @property
    def name(self) -> str:
        """Tells two lists apart."""
        return hashlib.sha256("\n".join(sorted(self.hashes)).encode()).hexdigest()
