from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.example import copy, first_screen


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The example's folder after its first run, and the screen of that run."""
    folder = copy(tmp_path_factory.mktemp("example") / "saas")
    return folder, first_screen(folder)
