"""Where the value of a column stands in a file, when that takes more than a header to say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

PATTERN = "~"
"""Before a header that is a pattern (regular expression, letters of either case)."""
Value = str | int | float | None


class Cell(BaseModel):
    """How to come to a column's value. The parts apply in the order in which they stand here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: Annotated[
        str | list[str],
        Field(
            description="The header, or several: in each row the first that is filled in. "
            '"~likely to recommend" means the one header that holds this pattern.'
        ),
    ] = []
    where: Annotated[
        dict[str, str | list[str]],
        Field(description="Only in rows where these headers have one of these values: {state: closed}."),
    ] = {}
    key: Annotated[
        str | list[str],
        Field(description="The cells hold JSON: the key of the value in it, or the keys on the way down."),
    ] = []
    first_of: Annotated[
        str | None,
        Field(min_length=1, max_length=3, description="Several in one cell, with this between: the first."),
    ] = None
    holding: Annotated[
        str | None, Field(min_length=1, description='Only values with this text in them: "@" for addresses.')
    ] = None
    without: Annotated[
        str | None, Field(min_length=1, description="Only values without this text in them.")
    ] = None
    domain: Annotated[bool, Field(description="An address on the web: its domain.")] = False
    ids: Annotated[
        Literal["salesforce"] | None,
        Field(description="Ids of 15 and 18 characters are one id; their case is never folded."),
    ] = None
    values: Annotated[
        dict[str, Value],
        Field(description="What the words of the file mean, in any case of letters: {good: 5, bad: 1}."),
    ] = {}
    times: Annotated[
        float, Field(gt=0, description="A number in another unit: 60 for minutes as seconds.")
    ] = 1
    always: Annotated[
        Value, Field(description="The same value in every row; for what the file does not say.")
    ] = None

    @field_validator("header")
    @classmethod
    def _patterns(cls, value: str | list[str]) -> str | list[str]:
        for name in listed(value):
            if name.startswith(PATTERN):
                _compiled(name.removeprefix(PATTERN))
        return value

    @model_validator(mode="after")
    def _somewhere(self) -> Cell:
        if (self.always is None) == (not self.headers):
            raise ValueError("say the header, or the value that it always has")
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(listed(self.header))

    @property
    def plain(self) -> bool:
        """Whether the value is what stands under the header."""
        return len(self.headers) == 1 and self.model_fields_set == {"header"}

    def under(self, headers: Sequence[str]) -> Cell:
        """The same with the headers that a file has."""
        if self.headers == tuple(headers):
            return self
        return self.model_copy(update={"header": headers[0] if len(headers) == 1 else list(headers)})


def _cell_tag(value: object) -> str:
    """Which way a column is said, so that a mistake is told once."""
    return "cell" if isinstance(value, dict | Cell) else "header"


Columns = dict[
    str, Annotated[Annotated[str, Tag("header")] | Annotated[Cell, Tag("cell")], Discriminator(_cell_tag)]
]


def found(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Which of `headers` the file's first row has, in their order.

    rows: the header rows. A pattern is looked for in all of them and means a header where it hits one alone.
    """
    hits: list[str] = []
    for name in headers:
        if name in rows[0]:
            hits.append(name)
        elif name.startswith(PATTERN):
            pattern = _compiled(name.removeprefix(PATTERN))
            places = {
                at for row in rows for at, text in enumerate(row[: len(rows[0])]) if pattern.search(text)
            }
            hits += [rows[0][at] for at in places] if len(places) == 1 else []
    return hits


def listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no pattern: {error}") from error
