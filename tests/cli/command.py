"""The command line in this process: much quicker than a new one, with the same streams and exit codes."""

from __future__ import annotations

import io
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from segkit.cli.app import run


@dataclass(frozen=True, slots=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def segkit(*arguments: object, cwd: Path | None = None) -> Done:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    argv = mock.patch.object(sys, "argv", ["segkit", *map(str, arguments)])
    with chdir(cwd or Path.cwd()), argv, redirect_stdout(out), redirect_stderr(err):
        code = run()
    for stream in (out, err):
        stream.flush()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    return Done(code, *texts)
