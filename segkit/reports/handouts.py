"""The work list for each: a file per CSM and per owner, and what is new for mails and webhooks."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from datetime import date

import polars as pl

from segkit.reports.load import CSM
from segkit.reports.tables import to_csv

NEW = "worklist-new.json"
FOLDER = "worklist"
NOBODY = "nobody"
"""Whose tasks are that nobody owns."""
LONGEST = 40


def handouts(worklist: pl.DataFrame) -> dict[str, bytes]:
    """`worklist/csm/lena-brandt.csv`: the tasks of the accounts that a CSM looks after, whoever does them;
    `worklist/owner/sales.csv`: what one owner does. Rows and columns as in worklist.csv."""
    owned = worklist.with_columns(_owner=pl.when(pl.col("owner") != CSM).then("owner").fill_null(NOBODY))
    files = {}
    for kind, column in (("csm", "csm"), ("owner", "_owner")):
        names = owned[column].drop_nulls().unique().sort().to_list()
        for name, file in file_names(names).items():
            rows = owned.filter(pl.col(column) == name).drop("_owner")
            files[f"{FOLDER}/{kind}/{file}.csv"] = to_csv(rows)
    return files


def file_names(names: Collection[str]) -> dict[str, str]:
    """Small letters, digits and dashes for each; what would be alike or empty has a hash behind it."""
    plain = {name: _plain(name) for name in names}
    alike = Counter(plain.values())
    return {
        name: told if told and alike[told] == 1 else f"{told}-{_hash(name)}".lstrip("-")
        for name, told in plain.items()
    }


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters)[:LONGEST].strip("-")


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def news(workspace: str, worklist: pl.DataFrame, since: date, as_of: date) -> bytes:
    """JSON: the tasks that opened, were escalated or closed after `since`, each with all its columns."""
    rows = worklist.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"))
    told = {
        name: rows.filter(worklist[name] > since).to_dicts() for name in ("opened", "escalated", "closed")
    }
    head = {"workspace": workspace, "as_of": as_of.isoformat(), "since": since.isoformat()}
    return json.dumps({**head, **told}, indent=1, ensure_ascii=False).encode() + b"\n"
