"""A page as a browser reads it: the elements of the document once it is parsed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page with")
SWITCHES = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)


def dom(page: Path, folder: Path, *switches: str, before: tuple[str, ...] = ()) -> str:
    """The document after parsing, serialised. before: a command that starts the browser, as `unshare -n`."""
    assert CHROMIUM is not None
    # A browser of root has no sandbox to offer.
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [*before, CHROMIUM, *SWITCHES, *alone, *switches, f"--user-data-dir={folder}", "--dump-dom"]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, timeout=120, check=True)
    return done.stdout.decode()
