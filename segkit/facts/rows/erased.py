"""Ids that were erased for ever: their rows are dropped before they are looked at, their traces blanked."""

from __future__ import annotations

import re

import polars as pl

from segkit.columns import Column
from segkit.facts.files.read import Batch
from segkit.facts.files.reading import Reading
from segkit.facts.keyed import Hashed
from segkit.facts.rows import parse
from segkit.facts.rows.derive import values_of

BLANK = "[erased]"
"""Stands where an address stood in a longer text."""
ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:|=][^\s<>()\[\]\",;:|=]*@[^\s<>()\[\]\"',;:|=]+")
"""What may be an address in any text; the dot that ends a sentence may be a part of it."""
KINDS = {"account_id": "account", "alias": "account", "user_id": "user", "email": "email"}
"""Column -> kind of its ids; a row with an erased id under one of them, or under a key, is dropped."""


def kinds_of(reading: Reading) -> dict[str, str]:
    """Column of the file -> kind of the ids in it."""
    declared = {key: key for key in reading.config.keys}
    kinds = {**declared, **KINDS}
    return {column.name: kinds[column.name] for column in reading.columns if column.name in kinds}


def ids_of(reading: Reading, batch: Batch, column: Column, kind: str) -> list[pl.Series]:
    """The ids under a column with their kind before them; a user id that is an address also as one."""
    values = parse.text(values_of(reading, batch, column))
    if kind == "email":
        return ["email:" + values.str.to_lowercase()]
    found = [f"{kind}:" + values]
    if kind == "user":
        address = values.str.contains("@", literal=True).fill_null(False)
        found.append("email:" + values.str.to_lowercase().set(~address, None))
    return found


def erased_rows(reading: Reading, batch: Batch, erased: Hashed) -> pl.Series:
    """Which rows of a batch name somebody who was erased."""
    hit = pl.repeat(False, batch.rows.height, eager=True)
    kinds = kinds_of(reading)
    for column in reading.columns:
        if column.name in kinds:
            for ids in ids_of(reading, batch, column, kinds[column.name]):
                hit |= erased.holds(ids)
    return hit


def erased_lines(reading: Reading, lines: pl.Series, erased: Hashed) -> pl.Series:
    """Which lines that are no row hold an erased id in some field."""
    kinds = {*kinds_of(reading).values(), *KINDS.values()}

    def names_somebody(line: str) -> bool:
        words = {word.strip(" \"'") for word in re.split(r"[,;|\t]", line)}
        ids = [f"{kind}:{word}" for word in words if word for kind in kinds]
        return erased.has_any([*ids, *(f"email:{word.lower()}" for word in words)])

    return lines.map_elements(names_somebody, return_dtype=pl.Boolean).fill_null(False)


def blanked(column: Column, values: pl.Series, erased: Hashed) -> pl.Series:
    """Text of rows of others: an erased parent is none, an erased address is blanked."""
    if column.kind != "text" or values.dtype != pl.String:
        return values
    if column.name == "parent_id":
        return values.set(erased.holds("account:" + values), None)
    return without_addresses(values, erased)


def without_addresses(values: pl.Series, erased: Hashed) -> pl.Series:
    """Any texts, refused rows too, with the addresses in them that were erased blanked."""
    texts = values.filter(values.str.contains("@", literal=True).fill_null(False)).unique()

    def mark(found: re.Match[str]) -> str:
        whole = found[0]
        for address in (whole, whole.rstrip(".!?")):
            if erased.has_any([f"email:{address.lower()}"]):
                return BLANK + whole[len(address) :]
        return whole

    changed = {text: new for text in texts if (new := ADDRESS.sub(mark, text)) != text}
    return values.replace(changed) if changed else values
