"""What is commonest in a usage file: the events and features that definitions can name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from msgspec import Struct

from segkit.errors import InputError
from segkit.facts.files.reading import read_some
from segkit.facts.mapping import SourceConfig
from segkit.facts.presets.forms import source_files
from segkit.facts.presets.sift import rows_of
from segkit.facts.rows import parse
from segkit.facts.rows.derive import values_of

LOGINS = (
    "login",
    "logged_in",
    "log_in",
    "signin",
    "sign_in",
    "signed_in",
    "session_start",
    "session_started",
)


class Commonest(Struct, frozen=True):
    """Names with how many rows carry them, the commonest first; empty where the file has no such column."""

    events: tuple[tuple[str, int], ...]
    features: tuple[tuple[str, int], ...]

    @property
    def logins(self) -> tuple[str, ...]:
        """Events that look like a login."""
        return tuple(name for name, _ in self.events if name.lower().replace(" ", "_") in LOGINS)


def commonest(exports: Path, config: SourceConfig) -> Commonest:
    """Counts over all usage files. Raises: InputError."""
    found: dict[str, Counter[str]] = {"event": Counter(), "feature": Counter()}
    files, problems = source_files("usage", config, exports)
    if problems:
        raise InputError(problems)
    for file in files:
        reading = read_some(file, config, found)
        for sifted in rows_of(reading) if reading.columns else ():
            for column in reading.columns:
                values = parse.text(values_of(reading, sifted.batch, column)).drop_nulls()
                found[column.name].update(dict(values.value_counts().iter_rows()))
    return Commonest(_ranked(found["event"]), _ranked(found["feature"]))


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
