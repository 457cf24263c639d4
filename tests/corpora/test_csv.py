"""csv-spectrum and the examples of csvkit: right values row by row, or a refusal that names the place."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest

from tests.corpora.reading import CORPORA, Read, here, paths, read

pytestmark = here
OTHERWISE = {"location_coordinates": {"Contact Phone Number": "2095257564"}}
"""What stands in the csv where csv-spectrum's own json says something else."""
SETTINGS = {
    "test_latin1.csv": {"encoding": "latin-1"},
    "test_utf16_big.csv": {"encoding": "utf-16"},
    "test_utf16_little.csv": {"encoding": "utf-16"},
    "dummy.tsv": {"separator": "\t"},
    "test_locale.csv": {"separator": ","},
}
REFUSED = {
    "D103": {"empty.csv"},
    "D104": {
        "mac_newlines.csv",
        "dummy.csv.bz2",
        *(f"{name}.xls" for name in ("dummy", "sheets", "test", "test_skip_lines")),
        *(f"{name}.json" for name in ("test_geojson", "testjson", "testjson_nested")),
    },
    "D115": {"sheets.xlsx"},
}
"""Files of csvkit that cannot be read as they are: no rows, old line ends, other formats, several sheets."""
TYPED = [
    ("Chicago Reader", "1971-01-01", "40", "true", "1", "1971-01-01T04:14:00", None),
    ("Chicago Sun-Times", "1948-01-01", "63", "true", "1.27", "1948-01-01T14:57:13", None),
    ("Chicago Tribune", "1920-01-01", "164", "false", "41800000.01", "1920-01-01", None),
    ("This row has blanks", None, None, None, None, None, None),
    ("Unicode! Σ", None, None, None, None, None, None),
]
OTHER_FORMATS = {
    "dummy.xlsx": {2: ("1", "2", "3")},
    "test.xlsx": dict(enumerate(TYPED, 2)),
    "test_skip_lines.xlsx": dict(enumerate(TYPED, 5)),
    "testjson_multiline.json": {1: ("2", "3", None)},
}
"""Rows by line of the files that are no CSV and are read all the same; of the last, line 2 has no id."""


@pytest.mark.parametrize("path", paths("csv-spectrum/csvs/*.csv"), ids=lambda path: path.stem)
def test_csv_spectrum_is_read_as_its_json_says(path: Path) -> None:
    found = read(path)
    assert isinstance(found, Read)
    assert found.refused.is_empty()
    told = json.loads((CORPORA / "csv-spectrum/json" / f"{path.stem}.json").read_text(encoding="utf-8"))
    rows = [dict(zip(found.header, row, strict=True)) for _, row in sorted(found.rows.items())]
    wanted = [{**row, **OTHERWISE.get(path.stem, {})} for row in ([told] if isinstance(told, dict) else told)]
    assert rows == [{key: _kept(value) for key, value in row.items()} for row in wanted]


@pytest.mark.parametrize("path", paths("csvkit/examples/*"), ids=lambda path: path.name)
def test_csvkit_files_give_the_rows_that_pythons_own_reader_gives(path: Path) -> None:
    found = read(path, **SETTINGS.get(path.name, {}))
    if not isinstance(found, Read):
        assert all(problem.where and problem.hint for problem in found)
        (code,) = {problem.code for problem in found}
        assert path.name in REFUSED.get(code, set()), found
        return
    assert path.name not in set().union(*REFUSED.values())
    if path.name in OTHER_FORMATS:
        assert found.rows == OTHER_FORMATS[path.name]
        assert found.refused["line"].to_list() == ([2] if path.suffix == ".json" else [])
        return
    header, *wanted = _reference(path)
    assert list(found.every) == header
    kept = [header.index(name) for name in found.header]
    lines = dict(wanted)
    refused = dict(found.refused.select("line", "code").iter_rows())
    assert set(lines) == set(found.rows) | set(refused)
    for line, row in lines.items():
        if line in found.rows:
            assert found.rows[line] == tuple(_kept(row[at]) for at in kept)
        else:
            expected = {"D206"} if len(row) != len(header) else {"D201", "D203", "D206"}
            assert refused[line] in expected, row


def _reference(path: Path) -> list:  # type: ignore[type-arg]
    """The header, then (line of its first character, fields) of every record that is not blank."""
    settings = SETTINGS.get(path.name, {})
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    encoding = settings.get("encoding", "utf-8-sig")
    text = data.decode(encoding).replace("\r\n", "\n")
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=settings.get("separator", ","))
    found = []
    start = 1
    for row in reader:
        if row:
            found.append((start, row))
        start = reader.line_num + 1
    return [found[0][1], *found[1:]]


def _kept(value: str) -> str | None:
    """White space around a value is no part of it, and nothing is missing."""
    return value.replace("\r\n", "\n").strip() or None
