"""Where the functions of a module are at hand, and other code for them."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType


def put(path: Path, text: str) -> None:
    """Give the functions that were made from a module's file the code they have in `text`.

    The two texts differ in the bodies of functions only. What is written inside a function comes with it.
    """
    before, after = (
        _functions(compile(each, str(path), "exec", dont_inherit=True)) for each in (path.read_text(), text)
    )
    other = {old: new for old, new in zip(before, after, strict=True) if old != new}
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == str(path):
            each.__code__ = other.get(each.__code__, each.__code__)


def _functions(code: CodeType) -> Iterator[CodeType]:
    """Those of a module and of its classes, by place."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_flags & inspect.CO_OPTIMIZED:
                yield each
            else:
                yield from _functions(each)
