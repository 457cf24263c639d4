"""comparison.json: what was compared, from which rules, data and state, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import Struct

from segkit.errors import ConfigError, Place, Problem
from segkit.facts.load import Loaded
from segkit.ruleset.model import RuleSet
from segkit.runs.folders.history import Published
from segkit.runs.folders.versions import told_changes
from segkit.studies.caught import Outcomes
from segkit.studies.compare import ACCOUNTS, Comparison
from segkit.studies.evaluate import as_data
from segkit.workspace import Workspace

SCHEMA = 2
DOCUMENT = "comparison.json"


class Saved(Struct, frozen=True):
    """A comparison as it lies in its folder."""

    file: Path
    document: Mapping[str, Any]

    @classmethod
    def of(cls, file: Path, told: Mapping[str, Any], files: Mapping[str, bytes]) -> Saved:
        """`files`: what lies beside it."""
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
        return cls(file, {**told, "files": hashes})

    @property
    def content(self) -> bytes:
        return json.dumps(self.document, indent=1, ensure_ascii=False).encode() + b"\n"

    @property
    def new_path(self) -> str:
        """Of the new rules, from the workspace folder."""
        return str(self.document["rules"]["new"]["path"])

    @property
    def accounts(self) -> pl.DataFrame:
        """Columns ACCOUNTS."""
        texts = {name: pl.String if kind == pl.Date else kind for name, kind in ACCOUNTS.items()}
        rows = pl.DataFrame(self.document["accounts"], schema=texts)
        return rows.with_columns(pl.col("since").str.to_date())


def document(
    workspace: Workspace,
    name: str,
    old: RuleSet,
    new: RuleSet,
    loaded: Loaded,
    head: Published | None,
    found: Comparison,
    left: Outcomes,
    currency: str | None,
) -> dict[str, Any]:
    """Everything but the hashes of the files beside it."""
    return {
        "schema_version": SCHEMA,
        "comparison": name,
        "workspace": workspace.name,
        "as_of": found.as_of[-1].isoformat(),
        "periods": {
            "unit": workspace.calendar.unit,
            "first": found.as_of[0].isoformat(),
            "decided": len(found.as_of),
        },
        "rules": {
            "old": _rules(workspace, old),
            "new": _rules(workspace, new),
            "changes": told_changes(old, new, hidden=loaded.samples.pseudonyms is not None),
        },
        "facts": loaded.digest,
        "inputs": {each.name: each.sha256 for each in loaded.inputs},
        "state": head.name if head else None,
        "pseudonymised": loaded.samples.pseudonyms is not None,
        "same": found.same,
        "currency": currency,
        "sizes": _rows(found.sizes),
        "moves": _rows(found.moves),
        "weeks": _rows(found.weeks),
        "outcomes": as_data(left),
        "accounts": _rows(found.accounts),
    }


def _rules(workspace: Workspace, rules: RuleSet) -> dict[str, str]:
    path = Path(rules.path).resolve()
    root = workspace.root.resolve()
    return {
        "name": rules.name,
        "path": str(path.relative_to(root)) if path.is_relative_to(root) else str(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "logic": rules.logic,
    }


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d")).to_dicts()


def load(saved: Path) -> Saved:
    """The comparison in a folder, or its comparison.json. Raises: ConfigError (S161)."""
    file = saved / DOCUMENT if saved.is_dir() else saved
    try:
        told = json.loads(file.read_text("utf-8"))
        found = Saved(file, told)
        if told["schema_version"] != SCHEMA:
            raise ValueError("it was written by another version of segkit")
        _ = (
            found.new_path,
            found.accounts,
            told["facts"],
            told["inputs"],
            told["state"],
            told["pseudonymised"],
        )
    except FileNotFoundError as error:
        hint = "name a folder below out/compare/"
        raise ConfigError(Problem("S161", "no comparison is here", Place(str(file)), hint)) from error
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        what = "this is no comparison that can be read"
        hint = "make it anew: segkit compare NEW_RULES"
        raise ConfigError(Problem("S161", what, Place(str(file)), hint)) from error
    return found


def what_changed(
    saved: Saved, old: RuleSet, new: RuleSet | None, loaded: Loaded, head: Published | None
) -> tuple[str, ...]:
    """Everything a comparison hangs on that is not as it was; `new` None where its file is gone."""
    return tuple(_changes(saved.document, saved.new_path, old, new, loaded, head))


def _changes(
    told: Mapping[str, Any],
    new_path: str,
    old: RuleSet,
    new: RuleSet | None,
    loaded: Loaded,
    head: Published | None,
) -> Iterator[str]:
    if old.logic != told["rules"]["old"]["logic"]:
        yield f"the rules of the workspace decide otherwise now ({told['rules']['old']['path']})"
    if new is None:
        yield f"{new_path} is not there any more"
    elif new.logic != told["rules"]["new"]["logic"]:
        yield f"the new rules decide otherwise now ({new_path})"
    as_of = loaded.facts.as_of.isoformat()
    if as_of != told["as_of"]:
        yield f"the exports now reach to {as_of}, then to {told['as_of']}"
    if loaded.digest != told["facts"]:
        yield from _files(told["inputs"], {each.name: each.sha256 for each in loaded.inputs})
    if told["pseudonymised"] != (loaded.samples.pseudonyms is not None):
        yield "segkit.yaml says otherwise now whether accounts are named"
    published = head.name if head else None
    if published != told["state"]:
        yield f"{published or 'no run'} is published now, then {told['state'] or 'none'}"


def _files(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Which exports made the data other data."""
    said = []
    for name in sorted({*then, *now}):
        if name not in now:
            said.append(f"the export {name} is gone")
        elif name not in then:
            said.append(f"the export {name} is new")
        elif then[name] != now[name]:
            said.append(f"the export {name} has another content")
    yield from said or ["what is read of the exports is not the same (segkit.yaml, consent or retention)"]
