"""Lines of a report as one text, and shares as the studies give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from segkit.reports.first.layout import Line


def said(lines: Sequence[Line]) -> str:
    """On one line, so that a test need not know where a line ends."""
    return " ".join(" ".join("".join(piece.text for piece in line) for line in lines).split())


def share(k: int, n: int) -> dict[str, Any]:
    return {"k": k, "n": n, "rate": k / n if n else None, "low": 0.1, "high": 0.2}
