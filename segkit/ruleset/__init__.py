"""Rules are words: YAML to a checked rule set, without a dataframe in sight."""

from segkit.ruleset.load import check_rules, check_rules_text, load_ruleset
from segkit.ruleset.schema import ruleset_json_schema

__all__ = ["check_rules", "check_rules_text", "load_ruleset", "ruleset_json_schema"]
