"""segkit.yaml -> Workspace."""

from segkit.workspace.opened import FILE, Workspace, limit_problems, open_workspace, rule_arguments
from segkit.workspace.written import workspace_json_schema

__all__ = ["FILE", "Workspace", "limit_problems", "open_workspace", "rule_arguments", "workspace_json_schema"]
