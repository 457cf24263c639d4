"""The presets that come with segkit."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from segkit.facts.presets.model import PresetFile
from segkit.yamltext import read_yaml

_FOLDER = Path(__file__).parent / "vendors"


@cache
def preset_names() -> tuple[str, ...]:
    """vendor/form of every preset, sorted."""
    return tuple(sorted(path.stem.replace("_", "/") for path in _FOLDER.glob("*.yaml")))


@cache
def preset(name: str) -> PresetFile:
    """The preset of that name, one of `preset_names()`."""
    return PresetFile.model_validate(read_yaml(_FOLDER / f"{name.replace('/', '_')}.yaml").value)


def preset_faults(source: str, wanted: Sequence[str]) -> list[tuple[str, str | None]]:
    """What is wrong with the presets that a source names: (what, hint)."""
    faults: list[tuple[str, str | None]] = []
    for name in wanted:
        if name not in preset_names():
            faults.append((f"no preset is called {name}", _meant(name)))
            continue
        gives = sorted({table.source for table in preset(name).tables.values() if table.source})
        if source not in gives:
            faults.append((f"the preset {name} gives no {source}", f"it gives {', '.join(gives)}"))
    return faults


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name.lower(), preset_names(), n=1, cutoff=0.6)
    vendor = [known for known in preset_names() if known.partition("/")[0] == name.partition("/")[0].lower()]
    if not vendor and close:
        return f"did you mean {close[0]}?"
    return f"write {' or '.join(vendor)}" if vendor else f"presets: {', '.join(preset_names())}"
