"""A rule set as YAML text that reads back as the same rule set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any as AnyValue

import yaml

from segkit.ruleset.expr import All, Any, AtLeast, Condition, Not
from segkit.ruleset.model import (
    FLAGS,
    MAIN,
    Baselines,
    CustomMetric,
    Playbook,
    RuleSet,
    Segment,
    Threshold,
    Times,
)
from segkit.ruleset.printing import format_condition, format_number, format_operand, format_percent


def format_ruleset(rules: RuleSet) -> str:
    """YAML of the rule set; read again in the same workspace it has the same fingerprint."""
    unit = rules.calendar.unit
    written: dict[str, AnyValue] = {"version": rules.version, "name": rules.name}
    if rules.review_by is not None:
        written["review_by"] = rules.review_by.day.isoformat()
    written["peers"] = list(rules.peers)
    written["baselines"] = _baselines(rules.baselines)
    written["thresholds"] = {name: _threshold(each) for name, each in rules.thresholds.items()}
    written["conditions"] = {name: _condition(each) for name, each in rules.conditions.items()}
    written["metrics"] = {name: _metric(each) for name, each in rules.metrics.items()}
    tried = {name: [each for each in rules.trials if each.trial_of == name] for name in _lists(rules)}
    written["segments"] = [_segment(each, unit) for each in (*rules.main.segments, *tried[MAIN])]
    written["otherwise"] = rules.main.otherwise
    written["dimensions"] = {
        dimension.name: [_segment(each, unit) for each in (*dimension.segments, *tried[dimension.name])]
        for dimension in rules.dimensions[1:]
    }
    written["flags"] = [_segment(each, unit) for each in (*rules.flags, *tried[FLAGS])]
    written["playbooks"] = {name: _playbook(each) for name, each in rules.playbooks.items()}
    kept = {key: value for key, value in written.items() if value not in ([], {})}
    return yaml.dump(kept, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def _lists(rules: RuleSet) -> tuple[str, ...]:
    return (*(dimension.name for dimension in rules.dimensions), FLAGS)


def format_segment(segment: Segment, unit: str) -> str:
    """One entry of a list of segments, as people write it: it can be pasted into a rule file."""
    return _plainly([_segment(segment, unit)])


def format_playbook(playbook: Playbook) -> str:
    """The entry below `playbooks:`."""
    return _plainly({playbook.name: _playbook(playbook)})


def format_named(rules: RuleSet) -> str:
    """The keys before the segments: peers, thresholds, conditions, metrics; may be empty."""
    written = {
        "peers": list(rules.peers),
        "baselines": _baselines(rules.baselines),
        "thresholds": {name: _threshold(each) for name, each in rules.thresholds.items()},
        "conditions": {name: _condition(each) for name, each in rules.conditions.items()},
        "metrics": {name: _metric(each) for name, each in rules.metrics.items()},
    }
    kept = {key: value for key, value in written.items() if value not in ([], {})}
    return _plainly(kept) if kept else ""


def _plainly(value: AnyValue) -> str:
    """Without quotes, but where a text would be read as something else."""
    return yaml.dump(value, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=10_000)


class _Dumper(yaml.SafeDumper):
    """Keys plain, texts quoted: no text can turn into a number or a truth value."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style='"')

    def represent_mapping(
        self, tag: str, mapping: AnyValue, flow_style: bool | None = None
    ) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        for key, _ in node.value:
            key.style = None
        return node

    def ignore_aliases(self, data: AnyValue) -> bool:
        return True


class _PlainDumper(yaml.SafeDumper):
    """Lists further in than their key, as in the shipped rules."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: AnyValue) -> bool:
        return True


_Dumper.add_representer(str, _Dumper.represent_str)


def _condition(condition: Condition) -> AnyValue:
    """One condition per line where it is a list of them."""
    match condition:
        case All(of):
            return {"all": [_condition(part) for part in of]}
        case Any(of):
            return {"any": [_condition(part) for part in of]}
        case AtLeast(k, of):
            return {"at_least": k, "of": [_condition(part) for part in of]}
        case Not(All() | Any() | AtLeast() as of):
            return {"not": _condition(of)}
        case _:
            return format_condition(condition)


def _amount(value: float, unit: str | None) -> AnyValue:
    if unit == "share":
        return format_percent(value)
    return f"{format_number(value)} days" if unit == "days" else value


def _threshold(threshold: Threshold) -> AnyValue:
    default = _amount(threshold.default, threshold.unit)
    if threshold.by is None:
        return default
    values = {key: _amount(value, threshold.unit) for key, value in threshold.values.items()}
    return {"default": default, "by": threshold.by, "values": values}


def _baselines(baselines: Baselines) -> Mapping[str, AnyValue]:
    plain = Baselines()
    found: dict[str, AnyValue] = {
        key: getattr(baselines, key)
        for key in ("peer_excuse", "min_volume")
        if getattr(baselines, key) != getattr(plain, key)
    }
    if baselines.exclude_history:
        found["exclude_history"] = [
            {"account": each.account, "from": each.first.isoformat(), "to": each.last.isoformat()}
            for each in baselines.exclude_history
        ]
    return found


def _metric(metric: CustomMetric) -> Mapping[str, AnyValue]:
    if metric.expression is not None:
        return {"formula": format_operand(metric.expression), "unit": metric.unit}
    reads = f"{metric.source}.{metric.column}" if metric.column else metric.source
    found = {
        metric.kind: reads,
        "where": None if metric.where is None else _condition(metric.where),
        "of": None if metric.of is None else _condition(metric.of),
        "window": None if metric.window is None else f"{metric.window}d",
        "unit": metric.unit,
    }
    return {key: value for key, value in found.items() if value is not None}


def _segment(segment: Segment, unit: str) -> Mapping[str, AnyValue]:
    plain = Segment(segment.name, segment.enter)
    found: dict[str, AnyValue] = {"name": segment.name}
    if segment.was:
        found["was"] = segment.was[0] if len(segment.was) == 1 else list(segment.was)
    if segment.trial_of:
        found["status"] = "trial"
    if segment.means:
        found["means"] = segment.means
    if segment.playbook is not None:
        found["playbook"] = segment.playbook
    for key in ("enter", "at_once", "exit"):
        if getattr(segment, key) is not None:
            found[key] = _condition(getattr(segment, key))
    for key in ("enter_after", "exit_after", "min_stay", "cooldown", "max_gap", "expire_after"):
        value = getattr(segment, key)
        if value != getattr(plain, key):
            found[key] = _times(value, unit) if isinstance(value, Times) else f"{value} {unit}s"
    return found


def _times(times: Times, unit: str) -> str:
    return f"{times.of} {unit}s" if times.need == times.of else f"{times.need} of {times.of} {unit}s"


def _playbook(playbook: Playbook) -> Mapping[str, AnyValue]:
    found: dict[str, AnyValue] = {
        "goal": playbook.goal,
        "success": None if playbook.success is None else _condition(playbook.success),
        "within": playbook.within,
        "owner": playbook.owner,
        "due": playbook.due,
        "effort": playbook.effort,
        "steps": list(playbook.steps),
    }
    if playbook.escalate_when is not None:
        found["escalate"] = {"to": playbook.escalate_to, "when": _condition(playbook.escalate_when)}
    found["variants"] = [{"when": _condition(v.when), **v.changes} for v in playbook.variants]
    return {key: value for key, value in found.items() if value not in (None, "", [])}
