"""A file nobody here made, taken in as a contact list whose every column is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from segkit.errors import InputError, Problem
from segkit.facts.files.found import find_files
from segkit.facts.files.lines import LINE
from segkit.facts.files.read import open_file
from segkit.facts.mapping import SourceConfig
from segkit.facts.taking.intake import REFUSED, ROWS, take_in
from segkit.facts.terms import Terms

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
here = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora do not lie beside the checkout")


@dataclass(frozen=True, slots=True)
class Read:
    """Accepted rows by line, in the order of `header`: the names that occur once."""

    header: tuple[str, ...]
    every: tuple[str, ...]
    """The header as it stands in the file."""
    rows: Mapping[int, tuple[str | None, ...]]
    refused: pl.DataFrame


def read(path: Path, **settings: str) -> Read | tuple[Problem, ...]:
    """What the loader makes of a file: rows and refused rows, or why it is refused."""
    config = SourceConfig(files=path.name, **settings)  # type: ignore[arg-type]
    files, problems = find_files("contacts", config, path.parent)
    if problems:
        return tuple(problems)
    try:
        every = open_file(files[0], separator=config.separator, encoding=config.encoding).header
        header = tuple(name for name in every if name and every.count(name) == 1)
        names = ["user_id", *(f"c{number}" for number in range(1, len(header)))]
        told = config.model_copy(
            update={
                "columns": dict(zip(names, header, strict=True)),
                "attributes": dict.fromkeys(names[1:], "text"),
            }
        )
        taken = take_in(files[0], told, Terms("UTC"))
    except InputError as error:
        return error.problems
    rows = {row[0]: row[1:] for row in taken[ROWS].select(LINE, *names).iter_rows()}
    return Read(header, every, rows, taken[REFUSED])


def paths(pattern: str) -> list[Path]:
    """Files of the corpora, for parametrize; empty where they are absent."""
    return sorted(path for path in CORPORA.glob(pattern) if path.is_file())
