"""A metric by the name somebody typed, outside any rule file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from msgspec import Struct

from segkit.errors import ConfigError, Problem
from segkit.ruleset.asked import Wrong, read_condition
from segkit.ruleset.catalogue import EVENT_SOURCES, METRICS
from segkit.ruleset.definitions import defined
from segkit.ruleset.expr import Condition, Metric
from segkit.ruleset.model import RuleSet
from segkit.ruleset.suggest import did_you_mean

_WRITTEN = re.compile(r"(?P<name>[a-z][a-z0-9_]*?)(?:_(?P<window>[1-9]\d{0,4})d)?(?:\((?P<argument>\w+)\))?")
_TEXTLESS = ("truth", "text", "date")


def metric_named(text: str, rules: RuleSet) -> Metric:
    """A metric of the rules or of the catalogue that numbers can be expected of: `events_28d`.

    Raises: ConfigError (R104, R109) for a name that means none.
    """
    text = text.strip().split(".")[0]
    if text in rules.metrics:
        return Metric(text)
    found = _WRITTEN.fullmatch(text)
    # The name of a metric may itself end like a window: variation_12w is none, but a name in full wins.
    name, window = (
        (text, None) if text in METRICS else ((found and found["name"]) or "", found and found["window"])
    )
    spec = METRICS.get(name)
    if spec is None:
        known = [*rules.metrics, *(f"{m.name}_28d" if m.windowed else m.name for m in METRICS.values())]
        raise _refused(
            f"no metric is called '{text}'", did_you_mean(text, known) or "write for example events_28d"
        )
    if spec.unit in _TEXTLESS:
        raise _refused(f"{name} is no number", "nothing can be expected of it")
    if spec.windowed and window is None and spec.default_window is None:
        raise _refused(f"{name} needs a window of days", f"write for example {name}_28d")
    if window is not None and not spec.windowed:
        raise _refused(f"{name} has no window of {window} days", f"write {name}")
    argument = found["argument"] if found else None
    if spec.argument and argument is None:
        raise _refused(f"{name} needs a name in brackets", f"write {name}(…)")
    if spec.needs and not defined(spec.needs, rules.definitions):
        raise ConfigError(Problem("R109", f"{text} needs '{spec.needs}' under definitions in segkit.yaml"))
    return Metric(name, int(window) if window else None, None, argument)


class RuleWords(Struct, frozen=True):
    """What a rule set knows by name, for lists that are kept beside it (`facts.types.Words`)."""

    rules: RuleSet
    attributes: Mapping[str, str]
    sources: Collection[str]

    @property
    def renamed(self) -> Mapping[str, str]:
        """Old names of segments and flags -> those of today."""
        return self.rules.renamed

    def segment(self, word: str) -> str | None:
        """What is wrong with the name of a segment or flag; None for nothing."""
        if word in {segment.name for segment in self.rules.trials}:
            return f"{word} is on trial: nobody is put into it or taken out"
        known = [segment.name for segment in self.rules.segments if not segment.trial_of]
        if word in known or word in self.renamed:
            return None
        hint = did_you_mean(word, known) or f"there are {', '.join(known)}"
        return f"no segment or flag is called '{word}': {hint}"

    def condition(self, text: str) -> str | None:
        """What is wrong with a condition, and at which character; None for nothing."""
        found = self.read(text)
        return str(found) if isinstance(found, Wrong) else None

    def read(self, text: str) -> Condition | Wrong:
        return read_condition(text, self.rules, self.attributes, self.sources)

    def metric(self, word: str) -> str | None:
        """What is wrong with a metric, with or without its window, or an event source; None for nothing."""
        if word in EVENT_SOURCES or word in self.rules.metrics or word in METRICS:
            return None
        bare = word.split(".")[0]
        found = _WRITTEN.fullmatch(bare)
        spec = METRICS.get(found["name"]) if found else None
        known = bare in self.rules.metrics or bare in METRICS
        if known or (found and spec and (spec.windowed or not found["window"])):
            return None if bare == word else f"'{word}' is a view of {bare}: a pause names the metric itself"
        hint = did_you_mean(bare, [*EVENT_SOURCES, *self.rules.metrics, *METRICS])
        return f"no metric or event source is called '{word}'" + (f": {hint}" if hint else "")


def _refused(what: str, hint: str) -> ConfigError:
    return ConfigError(Problem("R104", what, hint=hint))
