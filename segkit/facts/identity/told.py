"""What a run says about whose the ids are, in a sentence each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from segkit.facts.samples import Samples


def notes(
    mapping: pl.DataFrame,
    conflicts: pl.DataFrame,
    refused: pl.DataFrame,
    circles: Sequence[str],
    samples: Samples,
) -> tuple[str, ...]:
    """mapping, conflicts, refused: as in identify.Identity, its domains last. circles: see chains.Chains."""

    def of_accounts(ids: pl.Series) -> pl.Series:
        return samples.cells("accounts", "account_id", ids)

    def of_ids(ids: pl.Series) -> pl.Series:
        different = ids.unique()
        return ids.replace({each: samples.raw_id(each) for each in different})

    def of_domains(ids: pl.Series) -> pl.Series:
        return samples.cells("accounts", "domains", ids)

    about_ids = conflicts.filter(~pl.col("raw_id").str.starts_with("domain:"))
    nobody = pl.col("account_id").is_null()
    moved = mapping.filter(pl.col("account_id").n_unique().over("raw_id") > 1)
    return tuple(
        said
        for said in (
            _said(
                moved["raw_id"],
                of_ids,
                "id",
                "moved from one account to another",
                "moved from one account to another",
            ),
            _said(
                about_ids.filter(nobody)["raw_id"],
                of_ids,
                "id",
                "is claimed by two accounts at once and left to neither",
                "are claimed by two accounts at once and left to neither",
            ),
            _said(
                about_ids.filter(~nobody)["raw_id"],
                of_ids,
                "id",
                "is claimed by two accounts, and the stronger evidence won",
                "are claimed by two accounts, and the stronger evidence won",
            ),
            _said(
                refused.filter(pl.col("why") == "claimed twice")["domain"],
                of_domains,
                "domain",
                "belongs to two accounts and joins neither",
                "belong to two accounts and join neither",
            ),
            _said(
                refused.filter(pl.col("why") == "contradicted")["domain"],
                of_domains,
                "domain",
                "joins nobody: most of its listed addresses are another account's",
                "join nobody: most of their listed addresses are another account's",
            ),
            _said(
                pl.Series(circles, dtype=pl.String),
                of_accounts,
                "account",
                "leads back to itself through mergers and parents, and stays as it is",
                "lead back to themselves through mergers and parents, and stay as they are",
            ),
        )
        if said
    )


def _said(ids: pl.Series, shown: Callable[[pl.Series], pl.Series], noun: str, one: str, many: str) -> str:
    """`2 ids moved …: account:A7, email:[hidden]@acme.example`; empty without any."""
    if ids.is_empty():
        return ""
    different = ids.unique().sort()
    count = len(different)
    # Masked ids read alike: each is told once.
    labels = shown(different).to_list()
    first = list(dict.fromkeys(labels))[:3]
    rest = sum(label not in first for label in labels)
    some = ", ".join(first) + (f" and {rest} more" if rest else "")
    return f"{count} {noun if count == 1 else noun + 's'} {one if count == 1 else many}: {some}"
