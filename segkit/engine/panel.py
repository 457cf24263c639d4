"""The columns that conditions read: every wanted metric, attribute and trait, by account and period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segkit.engine.values import Bools, Floats, Texts, Values

__all__ = ["Bools", "Floats", "Panel", "Texts", "Values"]


@dataclass(frozen=True, slots=True)
class Panel:
    """Columns by the key of their operand: `events_28d.change`, `industry`, `trait(priority)`."""

    columns: Mapping[str, Values | Texts]
    life: Bools
    """[A, T] on the roster in the period; elsewhere every value is null."""
