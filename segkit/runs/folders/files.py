"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp, mkstemp

from segkit.errors import WHOLE, IoError, Place, Problem, io_problems

TEMP = ".tmp-"
"""What the names of unfinished files and folders begin with."""


def write_folder(target: Path, files: Mapping[str, bytes], *, private: bool = False) -> None:
    """Writes a folder whole: beside its place, flushed to disk, then renamed. An old one of that name goes.

    `private`: only the owner may look into its folder `state`. There must be room for twice the files.
    Raises: IoError (I102); then `target` is as it was.
    """
    with io_problems("write", target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _has_room(target.parent, sum(map(len, files.values())))
        temp = Path(mkdtemp(prefix=TEMP, dir=target.parent))
        try:
            # mkdtemp is private to its owner; colleagues must be able to read results.
            temp.chmod(0o777 & ~_umask())
            for name, content in files.items():
                _write(temp / name, content)
            if private and (temp / "state").is_dir():
                (temp / "state").chmod(0o700)
            for folder in {temp, *((temp / name).parent for name in files)}:
                sync_folder(folder)
            if target.is_dir():
                old = Path(mkdtemp(prefix=TEMP, dir=target.parent))
                target.rename(old / "old")
            temp.rename(target)
            sync_folder(target.parent)
        finally:
            sweep(target.parent)


def remove_folder(path: Path) -> None:
    """Removes a folder in one step: it is never seen half empty."""
    if path.is_dir():
        with io_problems("remove", path):
            path.rename(Path(mkdtemp(prefix=TEMP, dir=path.parent)) / "old")
            sweep(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Replaces a file in one step; readers see the old or the new content. A link is replaced, not followed.

    Raises: IoError (I102).
    """
    with io_problems("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fd, temp = mkstemp(prefix=TEMP, dir=path.parent)
        os.close(fd)
        try:
            _write(Path(temp), content)
            os.chmod(temp, 0o666 & ~_umask())
            os.replace(temp, path)
            sync_folder(path.parent)
        finally:
            Path(temp).unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Removes what a killed run left unfinished; to be called under the lock."""
    if not folder.is_dir():
        return
    for stale in folder.glob(f"{TEMP}*"):
        if stale.is_dir() and not stale.is_symlink():
            shutil.rmtree(stale, ignore_errors=True)
        else:
            stale.unlink(missing_ok=True)


def point(link: Path, target: str) -> None:
    """Makes `link` a symbolic link to `target` (relative); something that is no link stays untouched."""
    if link.is_symlink() and os.readlink(link) == target:
        return
    if link.exists() and not link.is_symlink():
        return
    with io_problems("set the link", link):
        temp = link.parent / f"{TEMP}{os.getpid()}-{link.name}"
        temp.unlink(missing_ok=True)
        temp.symlink_to(target)
        os.replace(temp, link)


def sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _has_room(folder: Path, size: int) -> None:
    """Raises: IoError (I102) where the disk has less than twice the room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < 2 * size:
        what = f"the disk has {free / 1e6:,.1f} MB left, and {2 * size / 1e6:,.1f} MB are asked for"
        raise IoError(Problem("I102", what, Place(str(folder)), f"make room and run again; {WHOLE}"))


def _umask() -> int:
    # There is no way to ask without setting; the run is single-threaded here.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
