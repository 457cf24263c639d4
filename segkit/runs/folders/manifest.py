"""run.json: what a run read, decided and wrote, so that the next run and a reader can rely on it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any

from msgspec import Struct, field

from segkit.capacity import CapacityFile
from segkit.engine.results import Decisions
from segkit.ruleset.fingerprint import playbooks_of, trials_of
from segkit.ruleset.model import RuleSet
from segkit.runs.guards.case import Delivery
from segkit.runs.guards.findings import Finding

SCHEMA = 1
LIBRARIES = ("segkit", "polars", "numpy", "pandera", "pydantic", "jinja2")


class Stages(Struct):
    """Seconds each stage of a run took; decides nothing and is no part of the decided bytes."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + perf_counter() - start, 4)


def run_id(as_of: date, digest: str, logic: str, parent: str | None, *more: str) -> str:
    """Eight hex digits: the same facts, logic, past and acceptances give the same run."""
    text = "\n".join((as_of.isoformat(), digest, logic, parent or "", *more))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def manifest(
    *,
    run: str,
    verb: str,
    parent: str | None,
    supersedes: str | None,
    now: datetime,
    rules: RuleSet,
    capacity: CapacityFile,
    delivery: Delivery,
    decisions: Decisions,
    guards: Sequence[Finding],
    stages: Stages,
    remarks: Sequence[str],
    files: Mapping[str, bytes],
    removes: Sequence[str] = (),
    renamed: Mapping[str, str] = {},
    changed: Mapping[str, Any] | None = None,
) -> bytes:
    """The bytes of run.json. remarks: what people are told of the data. files: all others of the folder.
    removes: older runs that go once this one is published. renamed: segments and flags that the run before
    knew by another name. changed: what the rules say otherwise than those before them.
    """
    facts, loaded, known = delivery.facts, delivery.loaded, delivery.rows
    value: dict[str, Any] = {
        "schema_version": SCHEMA,
        "run": run,
        "verb": verb,
        "as_of": facts.as_of.isoformat(),
        "as_of_why": loaded.as_of_why,
        "parent": parent,
        "supersedes": supersedes,
        "removes": list(removes),
        "runs": delivery.runs,
        "begun": None if delivery.begun is None else delivery.begun.isoformat(),
        "ages": list(delivery.ages),
        "started": now.isoformat("T", "seconds"),
        "periods": {
            "first": decisions.as_of[0].isoformat(),
            "last": decisions.as_of[-1].isoformat(),
            "decided": len(decisions.as_of),
            "known": len(facts.periods),
        },
        "pseudonymised": loaded.samples.pseudonyms is not None,
        "ruleset": {
            "name": rules.name,
            "version": rules.version,
            "path": rules.path,
            "changed": changed,
        },
        "fingerprints": {
            "facts": loaded.digest,
            "logic": rules.logic,
            "playbooks": playbooks_of(rules, capacity.key),
            "trials": trials_of(rules),
        },
        "inputs": [
            {"source": i.source, "name": i.name, "sha256": i.sha256, "bytes": i.bytes, "rows": i.rows}
            for i in loaded.inputs
        ],
        "rows": [
            {
                "source": c.source,
                "files": c.files,
                "read": c.read,
                "accepted": c.accepted,
                "known": known[c.source],
                "rejected": c.rejected,
                "excluded": c.excluded,
                "reasons": dict(c.reasons),
            }
            for c in facts.counts
        ],
        "left_out": [
            {"reason": why, "accounts": accounts, "people": people}
            for why, accounts, people in loaded.left_out.counts()
        ],
        "counts": {"accounts": decisions.assignments.height, "transitions": decisions.transitions.height},
        "trials": [segment.name for segment in rules.trials],
        "renamed": dict(renamed),
        "off": dict(decisions.off),
        "outages": [
            {"week": outage.week.isoformat(), "silent": outage.silent, "steady": outage.steady}
            for outage in decisions.outages
        ],
        "guards": [finding.written() for finding in guards],
        "notes": [*loaded.notes, *decisions.notes],
        "remarks": list(remarks),
        "libraries": {"python": platform.python_version(), **{name: version_of(name) for name in LIBRARIES}},
        "seconds": stages.seconds,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


@cache
def version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
