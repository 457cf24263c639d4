"""`guards:` in segkit.yaml: from when on a run is not published before somebody has looked."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from segkit.columns import SOURCES

COUNTED = ("usage", "measures", "tickets", "surveys", "touchpoints")
"""Sources whose rows are what happened: a period with far fewer of them than usual says something."""
OFF = math.inf
"""A limit that nothing passes: written `off`."""
_DAYS = {"day": 1, "week": 7, "month": 30}


def _written(value: Any, form: str, example: str) -> re.Match[str] | float | None:
    if value is None or value == "off":
        return None if value is None else OFF
    told = re.fullmatch(form, str(value).strip())
    if told is None or float(told[1]) <= 0:
        raise ValueError(f"write {example}, or off")
    return told


def _share(value: Any) -> Any:
    told = _written(value, r"(\d+(?:\.\d+)?) ?%", "a share such as 20%")
    return float(told[1]) / 100 if isinstance(told, re.Match) else told


def _part(value: Any) -> Any:
    found = _share(value)
    if isinstance(found, float) and 1 <= found < OFF:
        raise ValueError("write a share under 100%, or off")
    return found


def _times(value: Any) -> Any:
    told = _written(value, r"(\d+(?:\.\d+)?)", "how many times, such as 3")
    found = float(told[1]) if isinstance(told, re.Match) else told
    if isinstance(found, float) and found <= 1:
        raise ValueError("write a number over 1, or off")
    return found


def _age(value: Any) -> Any:
    told = _written(value, r"(\d{1,4}) (day|week|month)s?", "a time such as 10 days")
    return float(told[1]) * _DAYS[told[2]] if isinstance(told, re.Match) else told


_SHARE = WithJsonSchema({"type": "string", "pattern": r"^(\d+(\.\d+)? ?%|off)$"})
Share = Annotated[float | None, BeforeValidator(_share), _SHARE]
Part = Annotated[float | None, BeforeValidator(_part), _SHARE]
Times = Annotated[
    float | None, BeforeValidator(_times), WithJsonSchema({"anyOf": [{"type": "number"}, {"const": "off"}]})
]
Age = Annotated[
    float | None,
    BeforeValidator(_age),
    WithJsonSchema({"type": "string", "pattern": r"^(\d{1,4} (day|week|month)s?|off)$"}),
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SourceLimits(_Model):
    """Limits of the exports."""

    lost_rows: Annotated[
        Part, Field(description="How many rows of the last run may be gone. Default: 20%.")
    ] = None
    fewer_rows: Annotated[
        Part,
        Field(
            description="How far a week may lie under what is expected of it; counted are rows, accounts "
            "and amounts. Default: 30%, more where the weeks differ much."
        ),
    ] = None
    more_rows: Annotated[
        Share,
        Field(description="How far it may lie over it. Default: 60%, more where the weeks differ much."),
    ] = None
    refused_rows: Annotated[
        Part, Field(description="How many rows of the new files may be refused. Default: 5%.")
    ] = None
    max_age: Annotated[
        Age,
        Field(
            description="How old the newest row may be on the day of a run: 10 days. Default: a week older "
            "than in the last three runs, for usage."
        ),
    ] = None


class SegmentLimits(_Model):
    """Limits of one segment."""

    segment_size: Annotated[
        Times, Field(description="How many times larger or smaller it may become in a week. Default: 3.")
    ] = None


class GuardsFile(SourceLimits, SegmentLimits):
    """Limits of the guards; what is not written has its default."""

    many_moves: Annotated[
        Part, Field(description="How many accounts may move between segments in a week. Default: 10%.")
    ] = None
    rule_moves: Annotated[
        Part, Field(description="How many accounts changed rules may move. Default: 25%.")
    ] = None
    sources: Annotated[dict[str, SourceLimits], Field(description="By source, where one differs.")] = {}
    segments: Annotated[dict[str, SegmentLimits], Field(description="By segment, where one differs.")] = {}

    def of_source(self, guard: str, source: str) -> float | None:
        """What is written for a source, else for all; None: nothing is."""
        return _first(self.sources.get(source), self, guard)

    def of_segment(self, guard: str, segment: str) -> float | None:
        return _first(self.segments.get(segment), self, guard)


AS_USUAL = GuardsFile()
Loc = tuple[str, ...]


def _first(own: BaseModel | None, general: BaseModel, name: str) -> float | None:
    told = None if own is None else getattr(own, name)
    found: float | None = getattr(general, name) if told is None else told
    return found


def source_faults(guards: GuardsFile, declared: Collection[str]) -> Iterator[tuple[Loc, str, str | None]]:
    """(location below guards, what, hint) of limits that would never be looked at."""
    for name, limits in guards.sources.items():
        loc: Loc = ("sources", name)
        if name not in declared:
            yield loc, f"this workspace has no source {name}", None
            continue
        if SOURCES[name].kept:
            yield loc, f"{name} is kept by hand and not judged", "leave it out"
        for key in ("fewer_rows", "more_rows"):
            if name not in COUNTED and not SOURCES[name].kept and getattr(limits, key) is not None:
                what = f"rows of {name} are not counted by week"
                yield (*loc, key), what, f"counted are {', '.join(COUNTED)}"
