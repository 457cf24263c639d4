"""How many cases a law is tried on: `make laws` draws eight times those of the suite."""

from __future__ import annotations

from hypothesis import settings


def one_in(share: int, base: settings | None = None) -> settings:
    """For a law of which a case takes long: as many of the cases that the profile asks for.

    Every run of the suite draws others, so that the cases add up.
    """
    base = base or settings.default
    assert base is not None
    return settings(base, max_examples=max(2, base.max_examples // share))
