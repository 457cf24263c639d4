"""Ids that stand for one person, joined over what links them; ids that many share join nobody."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct

from segkit.facts.identity.ids import prefixed
from segkit.facts.identity.lists import words

MOST_LINKS = 10
"""Ids that one id may be seen with before it counts as shared: a mailbox of a team, a demo login."""
MOST_IDS = 30
"""Ids that one person may have; a larger cluster is taken apart again."""
MEMBERS = {"id": pl.String, "person": pl.String}
SHARED = {"id": pl.String, "ids": pl.UInt32, "why": pl.String}
"""Ids that join nobody, how many ids they were seen with, and why."""


class Clusters(Struct, frozen=True):
    """members: id, person: ids of which at least two are joined; a person is named by its smallest user id,
    else its smallest id. shared: see SHARED."""

    members: pl.DataFrame
    shared: pl.DataFrame

    def persons(self, ids: pl.Series) -> pl.DataFrame:
        """user_key, person of each of the ids; one that is joined to none is its own."""
        found = ids.to_frame("id").join(self.members, on="id", how="left", maintain_order="left")
        return found.select(pl.col("id").alias("user_key"), pl.coalesce("person", "id").alias("person"))


def generic(address: pl.Expr) -> pl.Expr:
    """Whether an address is that of a role, or of a machine: info@acme.com, root@localhost, x@10.0.0.1."""
    local, host = address.str.extract(r"^([^@]*)@"), address.str.extract(r"@([^@]*)$")
    bare = local.str.to_lowercase().str.replace(r"\+.*$", "")
    nowhere = ~host.str.contains(".", literal=True) | host.str.contains(
        r"(^|\.)(local|localdomain|localhost|lan|internal|invalid|test|none)$|^\[?[0-9.]+\]?$"
    )
    return (bare.is_in(sorted(words("roles"))) | nowhere).fill_null(True)


def together(*lists: pl.DataFrame | None) -> pl.DataFrame:
    """Users and addresses that one row names."""
    schema = {"one": pl.String, "other": pl.String}
    found = [
        rows.select(one=prefixed("user_id"), other=prefixed("email"))
        for rows in lists
        if rows is not None and {"user_id", "email"} <= set(rows.columns)
    ]
    return pl.concat([pl.DataFrame(schema=schema), *found])


def joined(pairs: pl.DataFrame) -> Clusters:
    """pairs: one, other: ids (`user:7`, `email:x@y.z`) that a row names together."""
    pairs = pairs.drop_nulls().filter(pl.col("one") != pl.col("other"))
    if pairs.is_empty():
        return Clusters(pl.DataFrame(schema=MEMBERS), pl.DataFrame(schema=SHARED))
    pairs = pairs.unique().sort("one", "other")
    ends = pl.concat([pairs.select(id="one", to="other"), pairs.select(id="other", to="one")])
    degrees = ends.group_by("id").agg(pl.col("to").n_unique().alias("ids"))
    role = pl.col("id").str.starts_with("email:") & generic(pl.col("id").str.strip_prefix("email:"))
    shared = degrees.with_columns(
        pl.when(role & (pl.col("ids") > 1))
        .then(pl.lit("generic address"))
        .when(pl.col("ids") > MOST_LINKS)
        .then(pl.lit("seen with too many"))
        .alias("why")
    ).drop_nulls("why")
    for name in ("one", "other"):
        pairs = pairs.join(shared, left_on=name, right_on="id", how="anti", maintain_order="left")
    members = _named(components(pairs["one"], pairs["other"]))
    large = members.filter(pl.len().over("person") > MOST_IDS)
    over = (
        large.group_by("person")
        .agg(pl.len().alias("ids"))
        .select(
            pl.col("person").alias("id"),
            pl.col("ids").cast(pl.UInt32),
            pl.lit("too many ids in one cluster").alias("why"),
        )
    )
    found = pl.concat([shared.select(*SHARED), over]).cast(SHARED)  # type: ignore[arg-type]
    return Clusters(
        members.join(large, on="id", how="anti", maintain_order="left"),
        found.sort(["ids", "id"], descending=[True, False]),
    )


def components(one: pl.Series, other: pl.Series) -> pl.DataFrame:
    """id, cluster (a number) of the connected ids of edges between `one` and `other`.

    Each label is drawn down to the smallest of its neighbours, and then to the label of that label, until
    none moves.
    """
    names = pl.concat([one.alias("id"), other.alias("id")]).unique().sort()
    left, right = (names.search_sorted(each).to_numpy().astype(np.int64) for each in (one, other))
    label: npt.NDArray[np.int64] = np.arange(len(names))
    while len(left):
        before = label.copy()
        low = np.minimum(label[left], label[right])
        for end in (left, right):
            np.minimum.at(label, label[end], low)
        label = label[label]
        if np.array_equal(label, before):
            break
    return pl.DataFrame({"id": names, "cluster": label})


def _named(found: pl.DataFrame) -> pl.DataFrame:
    user = pl.col("id").filter(pl.col("id").str.starts_with("user:")).min()
    named = pl.coalesce(user, pl.col("id").min()).over("cluster")
    return found.select("id", named.alias("person")).sort("id")
