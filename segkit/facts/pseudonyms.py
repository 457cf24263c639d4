"""Names that stand for accounts and employees in outputs: the same in every run, without the key nobody's."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable

import polars as pl
from msgspec import Struct

LENGTH = 12
"""Letters and digits of five bits each: two of a million accounts are called alike once in two million
workspaces."""
FORM = re.compile(rf"acct-[a-z2-7]{{{LENGTH}}}")


class Pseudonyms(Struct, frozen=True):
    """Keyed (HMAC-SHA-256): who has the key and a list of ids can tell who is who, nobody else."""

    key: bytes

    def account(self, account_id: str) -> str:
        """`acct-k3jd72hsa9qp`; a pseudonym stays what it is."""
        return account_id if FORM.fullmatch(account_id) else self._name("acct", account_id)

    def meant(self, asked: str, accounts: Iterable[str]) -> str | None:
        """The account that a pseudonym stands for; None for any other text."""
        if not FORM.fullmatch(asked):
            return None
        return next((each for each in accounts if self.account(each) == asked), None)

    def employee(self, name: str) -> str:
        """`csm-…`: whoever looks after accounts is a person, too."""
        return self._name("csm", name)

    def group(self, name: str) -> str:
        """Of a group of accounts that is called after somebody."""
        return self._name("group", name)

    def accounts(self, ids: pl.Series) -> pl.Series:
        different = ids.unique().drop_nulls()
        return ids.replace({each: self.account(each) for each in different})

    def employees(self, names: pl.Series) -> pl.Series:
        different = names.unique().drop_nulls()
        return names.replace({each: self.employee(each) for each in different})

    def _name(self, kind: str, text: str) -> str:
        # Not the hash that the list of who was erased holds: the two must not be linked.
        digest = hmac.digest(self.key, f"pseudonym\n{kind}\n{text}".encode(), "sha256")
        return f"{kind}-{base64.b32encode(digest).decode().lower()[:LENGTH]}"
