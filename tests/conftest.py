"""For every test: no wait for the disk.

Whether bytes have reached the platter cannot be seen by a test, and waiting takes long. That it is waited
for is tested where files are written (tests/runs/test_files.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from unittest import mock

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_wait_for_the_disk() -> Iterator[None]:
    with mock.patch.object(os, "fsync", return_value=None):
        yield
