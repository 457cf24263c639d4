"""segkit.yaml -> Workspace."""

from segkit.workspace.opened import Workspace, limit_problems, open_workspace, rule_arguments
from segkit.workspace.written import workspace_json_schema

__all__ = ["Workspace", "limit_problems", "open_workspace", "rule_arguments", "workspace_json_schema"]
