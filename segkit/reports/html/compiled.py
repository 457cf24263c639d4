"""Templates compiled once per installation, kept where Python keeps its own modules compiled."""

from __future__ import annotations

import sys
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class Beside(FileSystemBytecodeCache):
    """In `__pycache__` of the folder of templates, or where PYTHONPYCACHEPREFIX says.

    Whoever may write there may also write the modules. Where nobody may, each process compiles for itself.
    """

    def __init__(self, templates: Path, settings: Path) -> None:
        """`settings`: the module that makes the environment; another one compiles to other code."""
        super().__init__(str(Path(cache_from_source(str(templates / "any.py"))).parent), "%s.jinja")
        self._settings = settings.read_bytes()

    def get_source_checksum(self, source: str) -> str:
        return sha256(self._settings + source.encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)
