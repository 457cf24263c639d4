"""Every source and every column of it, named once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Kind = Literal["text", "number", "integer", "date", "moment", "flag"]
"""`moment` is a date with or without a time of day; `flag` is true or false."""


class Column(Struct, frozen=True):
    name: str
    kind: Kind = "text"
    required: bool = False


class Source(Struct, frozen=True):
    """One kind of export. `anyone` names columns of which each row needs at least one."""

    name: str
    columns: tuple[Column, ...]
    anyone: tuple[str, ...] = ()
    when: str | None = None
    """The column that dates a row: which day it belongs to, and what the prefix law cuts on."""
    key: tuple[str, ...] = ()
    """Columns that make a row unique, where the first of them is there; a second row of a key is refused."""
    cadence_days: int | None = None
    """Rows cover this many days beyond the last one; None: up to as_of."""
    open_columns: bool = False
    """Further declared columns are kept (attributes of accounts, numbers of measures)."""
    in_rules: bool = True
    """False for what rules are judged by: a rule that reads it would know the answer."""
    kept: bool = False
    """A list that people keep by hand: it may be empty, and tells nothing of what happened."""

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


ACCOUNT = "account_id"
WHO = (ACCOUNT, "user_id", "email")
"""Columns that may say whose row it is; a workspace can declare further foreign keys."""


def _columns(spec: str) -> tuple[Column, ...]:
    """`name*:kind` words; a star marks a required column, a missing kind is text."""
    found = []
    for word in spec.split():
        name, _, kind = word.partition(":")
        found.append(Column(name.rstrip("*"), kind or "text", name.endswith("*")))  # type: ignore[arg-type]
    return tuple(found)


SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Source(
            "accounts",
            _columns(
                "account_id* name industry region plan arr:number currency seats:number plan_limit:number"
                " signup_date:date renewal_date:date notice_date:date churned_at:date csm parent_id domains"
                " timezone consent:flag is_test:flag snapshot_at:date"
            ),
            key=("account_id", "snapshot_at"),
            open_columns=True,
        ),
        Source(
            "contacts",
            _columns(
                "user_id* email account_id role department created_at:date deactivated_at:date is_key:flag"
                " consent:flag"
            ),
            key=("user_id", "email", "account_id", "created_at"),
        ),
        Source(
            "crosswalk",
            _columns("account_id* alias user_id email domain from:date until:date reason"),
            anyone=("alias", "user_id", "email", "domain"),
        ),
        Source(
            "usage",
            _columns(
                "at*:moment account_id user_id user_name email feature event count:integer seconds:number"
                " session_id event_id arrived_at:moment"
            ),
            anyone=WHO,
            when="at",
            open_columns=True,
        ),
        Source(
            "measures",
            _columns("on*:date account_id user_id email"),
            anyone=WHO,
            when="on",
            open_columns=True,
        ),
        Source(
            "tickets",
            _columns(
                "ticket_id* opened_at*:moment account_id user_id email resolved_at:moment priority topic kind"
                " escalated:flag satisfaction:number"
            ),
            anyone=WHO,
            when="opened_at",
            key=("ticket_id",),
            cadence_days=28,
        ),
        Source(
            "surveys",
            _columns(
                "answered_at*:moment account_id user_id email instrument* score*:number comment response_id"
            ),
            anyone=WHO,
            when="answered_at",
            key=("response_id",),
            cadence_days=120,
        ),
        Source(
            "touchpoints",
            _columns("at*:moment account_id user_id email channel kind status"),
            anyone=WHO,
            when="at",
            cadence_days=28,
        ),
        Source(
            "milestones",
            _columns("milestone* completed_at*:date account_id user_id email"),
            anyone=WHO,
            when="completed_at",
        ),
        Source(
            "subscriptions",
            _columns(
                "starts_on*:date account_id user_id email ends_on:date mrr:number seats:number plan"
                " subscription_id"
            ),
            anyone=WHO,
            when="starts_on",
            key=("subscription_id", "starts_on"),
        ),
        Source(
            "payments",
            _columns("due_on*:date account_id user_id email paid_on:date amount:number"),
            anyone=WHO,
            when="due_on",
        ),
        Source(
            "traits",
            _columns("trait* value* observed_at*:date account_id user_id email"),
            anyone=WHO,
            when="observed_at",
        ),
        Source(
            "outcomes",
            _columns("kind* at*:date account_id user_id email"),
            anyone=WHO,
            when="at",
            in_rules=False,
        ),
        Source(
            "interventions",
            _columns("playbook* at*:date account_id user_id email result"),
            anyone=WHO,
            when="at",
        ),
        Source(
            "pauses",
            _columns("account_id group from*:date to*:date reason metrics"),
            anyone=("account_id", "group"),
            kept=True,
        ),
        Source(
            "overrides",
            _columns("account_id* segment* in_or_out* from*:date until by* reason*"),
            kept=True,
        ),
    )
}
