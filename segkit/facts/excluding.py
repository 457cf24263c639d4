"""What a workspace leaves out of its data on purpose, as `exclude:` says it: patterns, each with a reason."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from segkit.errors import Place

Names = Annotated[list[Annotated[str, Field(min_length=1)]], Field()]


class ExcludeEntry(BaseModel):
    """One entry of `exclude:` in segkit.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    users: Annotated[
        Names,
        Field(
            description="People by user id or e-mail address, with * and ?; ids as written, addresses in "
            "any case. Whoever contacts or crosswalk join to them is left out too."
        ),
    ] = []
    accounts: Annotated[
        Names,
        Field(description="Accounts by id or name, with * and ?; ids as written, names in any case."),
    ] = []
    events: Annotated[Names, Field(description="Event names, with * and ?, as written: rows of usage.")] = []
    before_signup: Annotated[
        bool, Field(description="Usage, tickets, surveys and touchpoints before the account's signup_date.")
    ] = False
    after_churn: Annotated[
        bool, Field(description="Usage, tickets, surveys and touchpoints from the account's churned_at on.")
    ] = False
    reason: Annotated[
        str,
        Field(min_length=1, max_length=40, pattern=r"^[^\n\r]+$", description="Counted and shown: bot."),
    ]


class Entry(Struct, frozen=True):
    """An entry and where it is written; earlier entries come first when two would leave out one row."""

    reason: str
    users: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    before_signup: bool = False
    after_churn: bool = False
    where: Place | None = None

    @property
    def by_time(self) -> bool:
        """Whether rows are left out for their day."""
        return self.before_signup or self.after_churn


def entry_faults(entry: ExcludeEntry) -> Iterator[tuple[str, str | None]]:
    """(what, hint) of an entry that leaves nothing out, or whose reason is a word of segkit's own."""
    if not (entry.users or entry.accounts or entry.events or entry.before_signup or entry.after_churn):
        yield "this entry leaves nothing out", "name users, accounts or events, e.g. users: ['*[bot]*']"
    if entry.reason in OWN_REASONS or re.fullmatch(r"D\d+", entry.reason):
        yield f"the reason '{entry.reason}' is counted by segkit itself", "use another word"


NO_CONSENT, TEST, ERASED = "no consent", "test account", "erased"
REPLACED, SAME_FILE = "replaced", "same file"
OLDER = "older row of its key"
OLD = "out of retention"
OWN_REASONS = frozenset({NO_CONSENT, TEST, ERASED, REPLACED, SAME_FILE, OLDER, OLD})


class Retention(Struct, frozen=True):
    """For how long rows may be used: `36 months` before the day that is decided."""

    count: int
    unit: str

    @classmethod
    def read(cls, text: str) -> Retention:
        """Raises: ValueError for what says no time, or less than four weeks."""
        told = re.fullmatch(r"(\d{1,4}) (day|week|month|year)s?", text.strip())
        if told is None:
            raise ValueError("write a number of days, weeks, months or years, e.g. 36 months")
        found = cls(int(told[1]), told[2])
        if found.before(date(2001, 3, 1)) > date(2001, 2, 1):
            raise ValueError("at least four weeks, or nothing could be decided")
        return found

    def before(self, day: date) -> date:
        """The last day that is too old on a day."""
        if self.unit in ("day", "week"):
            return day - timedelta(days=self.count * (7 if self.unit == "week" else 1))
        months = day.year * 12 + day.month - 1 - self.count * (12 if self.unit == "year" else 1)
        year, month = divmod(max(months, 12), 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def glob(patterns: Iterable[str], *, any_case: bool) -> str:
    """A regular expression for whole texts: * any characters, ? one, all else (brackets too) itself."""
    parts = (re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") for pattern in patterns)
    return f"(?s{'i' if any_case else ''})^(?:{'|'.join(parts)})$"


def from_file(written: Sequence[ExcludeEntry], places: Sequence[Place]) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            one.reason,
            tuple(one.users),
            tuple(one.accounts),
            tuple(one.events),
            one.before_signup,
            one.after_churn,
            place,
        )
        for one, place in zip(written, places, strict=True)
    )
