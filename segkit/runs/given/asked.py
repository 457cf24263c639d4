"""The conditions that overrides wait for, known before the usage is read that they may need."""

from __future__ import annotations

from collections.abc import Mapping

from segkit.errors import InputError
from segkit.facts.files.reading import read_some
from segkit.facts.presets.forms import source_files
from segkit.facts.presets.sift import rows_of
from segkit.facts.rows import parse
from segkit.facts.rows.derive import values_of
from segkit.ruleset.asked import Wrong
from segkit.ruleset.expr import Condition
from segkit.ruleset.named import RuleWords
from segkit.workspace import Workspace

LIST = "overrides"


def asked(workspace: Workspace, words: RuleWords) -> Mapping[str, Condition]:
    """Every condition under `until` by its text; what is none, or cannot be read, is refused with its row."""
    config = workspace.sources.get(LIST)
    if config is None:
        return {}
    texts: set[str] = set()
    for file in source_files(LIST, config, workspace.exports)[0]:
        try:
            reading = read_some(file, config, ("until",))
            for sifted in rows_of(reading) if reading.columns else ():
                values = parse.text(values_of(reading, sifted.batch, reading.columns[0]))
                texts.update(values.drop_nulls())
        except InputError:
            continue
    found = {text: words.read(text) for text in sorted(texts)}
    return {text: condition for text, condition in found.items() if not isinstance(condition, Wrong)}
