"""All usage rows of a workspace read, parsed and checked, two files at a time as in a run; nothing is folded.

Run as a process of its own.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from segkit.facts.files.ahead import ahead
from segkit.facts.files.found import ExportFile, find_files
from segkit.facts.files.read import batches
from segkit.facts.files.reading import read_as
from segkit.facts.mapping import SourceConfig
from segkit.facts.rows.accept import accept
from segkit.facts.taking.together import AT_ONCE
from segkit.facts.terms import Terms


def read(folder: Path) -> tuple[int, int]:
    """Accepted and refused rows."""
    config = SourceConfig(files="usage_*.csv")
    files, _ = find_files("usage", config, folder / "exports")
    terms = Terms("UTC")

    def one(file: ExportFile) -> tuple[int, int]:
        reading = read_as(file, config, terms)
        found = [
            accept(reading, batch, seconds=False) for batch in ahead(batches(reading.opened, reading.wanted))
        ]
        return sum(each.rows.height for each in found), sum(each.rejected.height for each in found)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        counts = list(pool.map(one, files))
    return sum(accepted for accepted, _ in counts), sum(refused for _, refused in counts)


if __name__ == "__main__" and len(sys.argv) > 1:
    print(read(Path(sys.argv[1])))
