"""Rules are words: YAML to a checked rule set, without a dataframe in sight."""

from segkit.ruleset.definitions import missing_definition
from segkit.ruleset.ebnf import published_grammar
from segkit.ruleset.fingerprint import fingerprint
from segkit.ruleset.load import check_rules, check_rules_text, load_ruleset
from segkit.ruleset.printing import format_condition, format_operand
from segkit.ruleset.schema import ruleset_json_schema
from segkit.ruleset.writing import format_named, format_playbook, format_ruleset, format_segment

__all__ = [
    "check_rules",
    "check_rules_text",
    "fingerprint",
    "format_condition",
    "format_named",
    "format_operand",
    "format_playbook",
    "format_ruleset",
    "format_segment",
    "load_ruleset",
    "missing_definition",
    "published_grammar",
    "ruleset_json_schema",
]
