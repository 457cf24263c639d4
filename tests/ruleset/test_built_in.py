"""What may be asked of each built-in metric, and when it is known."""

from __future__ import annotations

from pathlib import Path

from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.spec import MetricSpec

WRITTEN = Path(__file__).parents[1] / "golden" / "metrics.txt"


def shown(spec: MetricSpec) -> str:
    low, high = ("" if end is None else f"{end:g}" for end in (spec.low, spec.high))
    name = spec.name + ("_<n>d" if spec.windowed else "") + ("(…)" if spec.argument else "")
    more = {
        "or": spec.instead,
        "and": spec.beside,
        "needs": spec.needs,
        "usually": spec.default_window,
        "scaled": spec.additive or None,
        "stale": spec.events or None,
    }
    told = " ".join(f"{key}={value}" for key, value in more.items() if value is not None)
    return f"{name} {spec.kind} {spec.unit} {low}..{high} {spec.source} {told}".rstrip() + "\n"


def test_every_metric_is_what_is_written_of_it() -> None:
    assert "".join(map(shown, METRICS.values())) == WRITTEN.read_text(encoding="utf-8")
    assert all(name == spec.name for name, spec in METRICS.items())
