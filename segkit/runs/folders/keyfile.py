"""The workspace's own key: what makes hashes of ids worthless to whoever has only the hashes."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from segkit.errors import IoError, Place, Problem, io_problems
from segkit.facts.keyed import Hashed
from segkit.facts.pseudonyms import Pseudonyms
from segkit.runs.folders.files import TEMP, sync_folder

KEY = "key"
_BYTES = 32


def known(state: Path, hashes: frozenset[str]) -> Hashed | None:
    """A list of hashes with the key they were made with; None for an empty list.

    Raises: IoError (I105) when the key is gone: without it nobody can tell who is on the list.
    """
    if not hashes:
        return None
    key = _read(state)
    if key is None:
        raise _gone(state, "who said no or was erased")
    return Hashed(key, hashes)


def workspace_key(state: Path) -> bytes:
    """The key, made when it is first needed; only its owner can read it. Raises: IoError (I102)."""
    return _read(state) or _make(state)


def pseudonyms(state: Path, *, make: bool, used: bool) -> Pseudonyms:
    """With the key of the workspace. `used`: whether results were published under such names.

    Without a key, and unless one is to be made, they are of a key that is thrown away. Raises: IoError (I105)
    when the key is gone under which accounts were named before; (I102).
    """
    key = _read(state)
    if key is None and used:
        raise _gone(state, "which pseudonym is whose")
    return Pseudonyms(key or (_make(state) if make else secrets.token_bytes(_BYTES)))


def _gone(state: Path, what: str) -> IoError:
    return IoError(
        Problem(
            "I105",
            f"the key of this workspace is gone, and with it {what}",
            Place(str(state / KEY)),
            "bring state/key back from a backup; nothing was read or written",
        )
    )


def _read(state: Path) -> bytes | None:
    path = state / KEY
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        why = "cannot be read" if isinstance(error, OSError) else "holds no key"
        raise IoError(Problem("I105", f"the key of this workspace {why}", Place(str(path)))) from error
    return key


def _make(state: Path) -> bytes:
    key = secrets.token_bytes(_BYTES)
    with io_problems("write the key", state / KEY):
        state.mkdir(parents=True, exist_ok=True)
        temp = state / f"{TEMP}{KEY}-{os.getpid()}"
        fd = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(fd, "w", encoding="ascii") as file:
                file.write(key.hex())
                file.flush()
                os.fsync(file.fileno())
            # A link, not a rename: a key that came in between stays.
            os.link(temp, state / KEY)
            sync_folder(state)
        finally:
            temp.unlink(missing_ok=True)
    return key
