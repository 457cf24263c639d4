"""Templates are compiled once; whatever lies in their cache, the page is that of the templates."""

import sys
from pathlib import Path

import jinja2
import pytest

from segkit.reports.html.page import environment


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "compiled"))
    return tmp_path / "compiled"


def rendered() -> str:
    """As a new process renders it."""
    return (
        environment.__wrapped__().get_template("head.html").render(title="<Weekly>", style="", style_hash="")
    )


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_second_process_compiles_nothing(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = rendered()
    monkeypatch.setattr(jinja2.Environment, "_generate", None)
    assert rendered() == first


@pytest.mark.parametrize("damage", [b"", b"nonsense", None], ids=["empty", "nonsense", "cut"])
def test_a_damaged_file_is_compiled_anew(kept: Path, damage: bytes | None) -> None:
    first = rendered()
    (file,) = files(kept)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert rendered() == first
    assert file.read_bytes() == whole


def test_without_a_place_to_keep_it_the_page_is_the_same(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rendered()
    nowhere = tmp_path / "a_file"
    nowhere.write_text("")
    monkeypatch.setattr(sys, "pycache_prefix", str(nowhere))
    assert rendered() == first


def test_nothing_is_kept_where_python_keeps_nothing(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    rendered()
    assert files(kept) == []
