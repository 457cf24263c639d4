"""The command line: arguments in, one call, exit code out."""

from segkit.cli.app import main

__all__ = ["main"]
