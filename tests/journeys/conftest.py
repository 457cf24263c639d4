from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.example import Example, copy, first_run


@pytest.fixture(scope="session")
def example_run(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return first_run(copy(tmp_path_factory.mktemp("example") / "saas"))


@pytest.fixture(scope="session")
def example(example_run: Example) -> tuple[Path, str]:
    """The example's folder after its first run, and the screen of that run."""
    return example_run.folder, example_run.screen
