"""Reading the next batch while the last one is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items in the same order, each taken from `items` one step before it is asked for.

    What `items` raises is raised here, at the same place. At most two items are alive at a time.
    """
    source = iter(items)
    done = object()
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, source, done)
        while (item := coming.result()) is not done:
            coming = reader.submit(next, source, done)
            yield item  # type: ignore[misc]
