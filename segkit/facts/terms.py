"""On what terms the rows of every source are taken in, beside the source's own settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """What the workspace says about rows; a part of what names them in the store."""

    zone: str
    """Where days begin."""

    def told(self) -> list[object]:
        """Whatever of it shapes a row: other terms, other rows."""
        return [self.zone]
