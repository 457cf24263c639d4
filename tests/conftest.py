"""For every test: no wait for the disk, no network, and how many cases a law is tried on.

Whether bytes have reached the platter cannot be seen by a test, and waiting takes long. That it is waited
for is tested where files are written (tests/runs/test_files.py).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import settings

from tests.journeys.example import Example, copy, first_run
from tests.offline import sitecustomize

# Every run of the suite draws other cases; `make laws` draws many at once.
settings.register_profile("suite", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=500, deadline=None)
settings.load_profile("suite")
# Rewriting the asserts of all tests takes longer than importing them: once will do, even where Python is
# asked to keep no bytecode.
sys.dont_write_bytecode = False


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Importing sitecustomize was enough for this process; those it starts import it on their own."""
    path = os.pathsep.join(filter(None, [str(Path(sitecustomize.__file__).parent), os.getenv("PYTHONPATH")]))
    with mock.patch.dict(os.environ, PYTHONPATH=path):
        # Modules compiled once, as an installation has them, not in each of the processes.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_wait_for_the_disk() -> Iterator[None]:
    with mock.patch.object(os, "fsync", return_value=None):
        yield


@pytest.fixture(scope="session")
def example_run(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return first_run(copy(tmp_path_factory.mktemp("example") / "saas"))


@pytest.fixture(scope="session")
def example(example_run: Example) -> tuple[Path, str]:
    """The example's folder after its first run, and the screen of that run."""
    return example_run.folder, example_run.screen
