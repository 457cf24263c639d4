"""What this version leaves behind, for later ones: `python -m tests.golden.states`, once for each release.

A packed folder below `states/` per version: a workspace of four accounts after two weekly runs with all that
they left, and beside it the export of the week that comes next. Those of older versions stay as they are.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from segkit import __version__
from segkit.runs import assign
from segkit.workspace import open_workspace
from tests.runs.small import NOW, SUNDAYS, write, write_week

STATES = Path(__file__).parent / "states"
NEXT = "usage_11.csv"
"""The export that comes next, beside the workspace."""


def renew() -> Path:
    """Packs the state of this version anew."""
    with tempfile.TemporaryDirectory() as temp:
        root = Path(temp) / __version__
        folder = write(root / "workspace", weeks=10)
        for week in (9, 10):
            write_week(folder, week)
            assign(open_workspace(folder), now=NOW, as_of=SUNDAYS[week])
        # The link is set again at the next start; a pack of files has none.
        (folder / "out/latest").unlink()
        write_week(folder, 11)
        shutil.move(folder / "exports" / NEXT, root / NEXT)
        STATES.mkdir(exist_ok=True)
        return Path(shutil.make_archive(str(STATES / __version__), "zip", root))


if __name__ == "__main__":
    print(renew())
