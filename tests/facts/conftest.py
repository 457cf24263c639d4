"""The exports folder of a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.facts.exports import Exports


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return Exports(tmp_path)
