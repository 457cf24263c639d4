"""The rules that a run was decided with, kept in its folder, and what the next ones say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from segkit.ruleset import check_rules_text
from segkit.ruleset.model import RuleSet
from segkit.runs.folders.history import Published
from segkit.studies.rule_changes import rule_changes
from segkit.workspace import Workspace, rule_arguments

RULES = "state/rules.yaml"
"""The rule file as it was; with the state, for a condition may name somebody."""
ELSEWHERE = "nothing in the rule file: the definitions or the calendar of segkit.yaml, or segkit itself"
UNREADABLE = "the rules of then cannot be read with the segkit.yaml of today"


class Changed(Struct, frozen=True):
    """What the rules say otherwise than those before them. `last`: the last day these decided."""

    version: int
    last: date
    changes: tuple[str, ...]

    @classmethod
    def read(cls, written: Mapping[str, Any] | None) -> Changed | None:
        """As run.json has it; None for rules that are the first, or that an earlier segkit ran."""
        if written is None:
            return None
        last = date.fromisoformat(written["last"])
        return cls(int(written["version"]), last, tuple(map(str, written["changes"])))

    def written(self) -> dict[str, Any]:
        return {"version": self.version, "last": self.last.isoformat(), "changes": list(self.changes)}


def text_of(rules: RuleSet) -> bytes:
    return Path(rules.path).read_bytes()


def changed_since(workspace: Workspace, rules: RuleSet, base: Published | None) -> Changed | None:
    """Against the rules of a run, or where these are the same against those before them.

    Texts that conditions ask for are left out where outputs name nobody. Raises: IoError (I103).
    """
    if base is None:
        return None
    if base.logic == rules.logic:
        return Changed.read(base.changed)
    if RULES not in base.files:
        return None
    text = base.content(RULES).decode("utf-8-sig")
    then, _ = check_rules_text(text, path=rules.path, **rule_arguments(workspace))
    if then is None:
        return Changed(base.version, base.as_of, (UNREADABLE,))
    said = told_changes(then, rules, hidden=workspace.pseudonymise) or [ELSEWHERE]
    return Changed(then.version, base.as_of, tuple(said))


def told_changes(old: RuleSet, new: RuleSet, *, hidden: bool) -> list[str]:
    """What the rules say otherwise; `hidden`: without the texts that conditions ask for."""
    said = rule_changes(old, new)
    return [f"{each.partition(':')[0]}: changed" if hidden and '"' in each else each for each in said]
