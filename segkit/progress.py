"""How far a run is: the rooms tell it, and whoever listens shows it. Nobody listens unless asked to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")
Listener = Callable[[str, int, int], None]
"""A stage in plain words, how many of its steps are done, how many there are."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Within it `listener` is called at every step, in the thread that takes it."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(stage: str, done: int, whole: int) -> None:
    listener = _listener.get()
    if listener is not None:
        listener(stage, done, whole)


def steps(stage: str, items: Sequence[Item]) -> Iterator[Item]:
    """The items, with `tell` before each."""
    for done, item in enumerate(items):
        tell(stage, done, len(items))
        yield item
