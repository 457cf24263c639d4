"""Where files are: the workspace, and what is shipped, in an installed package, else in the checkout."""

from __future__ import annotations

from pathlib import Path

from segkit.errors import ConfigError, Problem

FILE = "segkit.yaml"
"""What makes a folder a workspace."""
_HERE = Path(__file__).resolve().parent


def shipped_rules(name: str = "saas") -> Path:
    """The rule file of a shipped set; ConfigError when there is none of that name."""
    return _find("rules", f"{name}.yaml", name)


def shipped_tests(name: str = "saas") -> Path:
    """The tests of a shipped rule set."""
    return shipped_rules(name).parent / "tests" / f"{name}.test.yaml"


def shipped_example(name: str = "saas") -> Path:
    """The folder of a shipped example workspace; ConfigError when there is none of that name."""
    return _find("examples", name, name)


def shipped_pages() -> list[Path]:
    """The pages about problems, Markdown."""
    for folder in (_HERE / "_shipped" / "docs", _HERE.parent / "docs"):
        if (folder / "problems").is_dir():
            return [folder / "problems.md", *sorted((folder / "problems").glob("*.md"))]
    return []


def _find(kind: str, entry: str, name: str) -> Path:
    folders = (_HERE / "_shipped" / kind, _HERE.parent / kind)
    for folder in folders:
        if (folder / entry).exists():
            return folder / entry
    pattern = f"[a-z]*{Path(entry).suffix}"
    shipped = sorted({path.stem for folder in folders if folder.is_dir() for path in folder.glob(pattern)})
    hint = f"shipped: {', '.join(shipped)}" if shipped else None
    raise ConfigError(Problem("S105", f"there are no shipped {kind} named '{name}'", hint=hint))
