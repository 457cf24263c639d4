"""What an evaluation found, as values, and as what stands in evaluation.json."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import asdict

from segkit.studies.evaluate.advice import Advice
from segkit.studies.evaluate.doings import Answered, Overridden
from segkit.studies.evaluate.kpis import Entered, Quarter
from segkit.studies.evaluate.rates import Contrast, Share
from segkit.studies.evaluate.risk import AtLandmarks, Capacity, Episodes, Lead
from segkit.studies.evaluate.stability import Drift, Stability
from segkit.studies.evaluate.worth import Calibration, Money


class Refusal(Struct, frozen=True):
    """Why nothing is said of who leaves, and what would change that."""

    why: str
    hint: str


class Window(Struct, frozen=True):
    """What happened within (landmark + gap, landmark + gap + horizon] weeks."""

    gap_weeks: int
    horizon_weeks: int
    landmarks: tuple[date, ...]
    in_gap: int
    vanished: int
    set_aside: int
    everybody: Share
    segments: tuple[Contrast, ...]
    risk: Contrast | None
    """All risk segments together against the rest; None where there is none."""
    marked: AtLandmarks | None


class Stayed(Struct, frozen=True):
    """Survival of a segment from the landmark: shares still there with 95 %, ten or more at risk."""

    segment: str
    accounts: int
    left: int
    after_weeks: tuple[tuple[int, float, float | None, float | None], ...]
    """(weeks, share, low, high); no interval where nobody left"""
    steps: tuple[tuple[int, int, int, float, float, float], ...]
    """(days, at risk, left, share, low, high)"""


class Association(Struct, frozen=True):
    """Cramér's V (bias-corrected) of segment and leaving; p None under twenty events in all."""

    cramers_v: float
    p: float | None


class Together(Struct, frozen=True):
    """Log-rank over all segments, stratified by landmark; p None under twenty events in all."""

    statistic: float
    df: int
    p: float | None


class Evaluation(Struct, frozen=True):
    """refused: nothing is said of outcomes then, and only stability and drift are there."""

    labels: tuple[str, ...]
    risk: tuple[str, ...]
    refused: Refusal | None
    churned: int
    """Accounts' ends within the decided history and after it."""
    windows: tuple[Window, ...]
    survival: tuple[Stayed, ...]
    log_rank: Together | None
    association: Association | None
    episodes: Episodes | None
    lead: Lead | None
    capacity: Capacity | None
    stability: Stability
    drift: Drift | None
    advice: tuple[Advice, ...]
    money: Money | None = None
    calibration: Calibration | None = None
    overridden: Overridden | None = None
    answered: Answered | None = None
    quarters: tuple[Quarter, ...] = ()
    entered: tuple[Entered, ...] = ()


def as_data(value: Any) -> Any:
    """Dictionaries, lists, texts and numbers; days as ISO text, floats to nine digits."""
    if isinstance(value, Struct):
        return {name: as_data(each) for name, each in asdict(value).items()}
    if isinstance(value, dict):
        return {name: as_data(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [as_data(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.9g}")
    return int(value) if isinstance(value, np.integer) else value
