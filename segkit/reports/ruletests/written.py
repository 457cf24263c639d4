"""The file of tests as it is written, key by key."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Series = str | int | float | bool | list[Any]
Expected = str | bool | dict[str, Any]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Given(_Model):
    """What holds for every account of the file that does not say otherwise."""

    metrics: dict[str, Series] = {}
    attributes: dict[str, Series] = {}
    traits: dict[str, str] = {}


class Move(_Model):
    """A change of the primary segment."""

    week: Annotated[int, Field(ge=1)]
    to: str | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    cause: str | None = None
    because: Annotated[str | None, Field(description="A piece of the reason.")] = None


class Expect(_Model):
    """Where the account must be, week by week."""

    primary: Expected | None = None
    dimensions: dict[str, Expected] = {}
    member: Annotated[
        dict[str, Expected], Field(description="Segment or flag: yes or no, week by week.")
    ] = {}
    moves: Annotated[
        list[Move] | None, Field(description="Every change of the primary; [] for none at all.")
    ] = None


class OneCase(Given):
    name: Annotated[str, Field(min_length=1)]
    weeks: Annotated[int | None, Field(ge=1, le=520)] = None
    expect: Expect


class CaseFile(_Model):
    given: Given = Given()
    tests: Annotated[list[OneCase], Field(min_length=1)]
