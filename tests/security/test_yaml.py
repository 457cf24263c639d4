"""A rule file that was written to hurt: refused with a place, at once, and small."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from time import process_time

import pytest

from segkit.errors import ConfigError
from segkit.yamltext import read_yaml
from tests.cli.command import segkit
from tests.runs.small import write

LAUGHS = "a: &a [lol, lol]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)
ATTACKS = {
    "billion laughs": (LAUGHS, 2, 8),
    "merge bomb": (MERGES, 2, 13),
    "100,000 lists deep": ("a: " + "[" * 100_000 + "]" * 100_000, 1, None),
    "100,000 mappings deep": ("{a: " * 100_000 + "}" * 100_000, 1, None),
    "100,000 dashes": ("- " * 100_000, 1, None),
    "a Python object": ("a: !!python/object/apply:os.system [echo]", 1, 4),
    "a Python name": ("a: !!python/name:os.system", 1, 4),
    "a tag of its own": ("a: !include /etc/passwd", 1, 4),
    "a key twice": ("version: 1\nname: x\nversion: 1\n", 3, 1),
    "a mapping as a key": ("? {a: 1}\n: 2\n", 1, 3),
    "a NUL": ("a: 1\nb: \0\n", 2, 4),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_refused_at_its_place_within_half_a_second_and_200_mb(tmp_path: Path, attack: str) -> None:
    text, line, column = ATTACKS[attack]
    file = tmp_path / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    start = process_time()
    with pytest.raises(ConfigError) as caught:
        read_yaml(file)
    assert process_time() - start < 0.5
    place = caught.value.problems[0].where
    assert place is not None
    assert place.line == line
    assert column is None or place.column == column
    assert place.column


def test_what_is_over_ten_megabytes_is_not_even_read_as_yaml(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(b"a: " + b"x" * 10_000_000)
    tracemalloc.start()
    start = process_time()
    with pytest.raises(ConfigError, match="larger than 10 MB"):
        read_yaml(file)
    assert process_time() - start < 0.5
    assert tracemalloc.get_traced_memory()[1] < 200_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("file", ["segkit.yaml", "rules.yaml"])
@pytest.mark.parametrize("attack", ["billion laughs", "100,000 lists deep", "a Python object"])
def test_the_command_ends_with_2_and_line_and_column(tmp_path: Path, file: str, attack: str) -> None:
    write(tmp_path)
    text, line, _ = ATTACKS[attack]
    (tmp_path / file).write_text(text)
    done = segkit("assign", "-q", tmp_path)
    assert done.returncode == 2
    assert f"{file}:{line}:" in done.stderr
    assert "Traceback" not in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 300
