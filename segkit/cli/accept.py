"""How a person accepts what a guard saw: `--accept GUARD --because TEXT`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from segkit.cli.problems import show
from segkit.cli.terminal import say
from segkit.errors import ConfigError, Exit, GuardError, Problem

WHY = "WHY IT IS ALL RIGHT"


def with_reason(guards: Sequence[str], because: str | None) -> dict[str, str]:
    """Guard -> why. Raises: ConfigError (S159) for one without the other."""
    if because is not None and not guards:
        raise ConfigError(Problem("S159", "--because gives a reason for nothing", hint="say --accept GUARD"))
    if guards and because is None:
        what = f"{', '.join(guards)} {'is' if len(guards) == 1 else 'are'} accepted without a reason"
        raise ConfigError(Problem("S159", what, hint=f'say it: --because "{WHY}"'))
    return dict.fromkeys(guards, because or "")


@contextmanager
def how_to_accept(
    workspace: Path | None, typed: Mapping[str, Path | None], accepted: Mapping[str, str]
) -> Iterator[None]:
    """When guards keep the block from publishing: all of them and how to accept them on stderr, exit 3.

    `workspace`: its folder, from wherever the command is given. `typed`: the other options it needs again.
    """
    try:
        yield
    except GuardError as error:
        show(error.problems)
        words = ["segkit", "assign", *([str(workspace)] if workspace else [])]
        for option, path in typed.items():
            words += [option, str(path.absolute())] if path else []
        words += ["--as-of", str(error.as_of)]
        for name in (*accepted, *(tripped.name for tripped in error.tripped)):
            words += ["--accept", name]
        say(f"to accept it and publish: {shlex.join(words)} --because {shlex.quote(WHY)}")
        raise typer.Exit(Exit.GUARD) from error
