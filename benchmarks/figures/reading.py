"""All usage rows of a workspace read, parsed and checked; nothing is folded. Run as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from segkit.facts.files.ahead import ahead
from segkit.facts.files.found import find_files
from segkit.facts.files.read import batches, open_file
from segkit.facts.files.reading import plan_reading
from segkit.facts.mapping import SourceConfig
from segkit.facts.rows.accept import accept
from segkit.facts.terms import Terms


def read(folder: Path) -> tuple[int, int]:
    """Accepted and refused rows."""
    config = SourceConfig(files="usage_*.csv")
    files, _ = find_files("usage", config, folder / "exports")
    accepted = refused = 0
    for file in files:
        opened = open_file(file)
        reading = plan_reading(opened, config, Terms("UTC"))
        for batch in ahead(batches(opened, reading.wanted)):
            found = accept(reading, batch)
            accepted, refused = accepted + found.rows.height, refused + found.rejected.height
    return accepted, refused


if __name__ == "__main__" and len(sys.argv) > 1:
    print(read(Path(sys.argv[1])))
