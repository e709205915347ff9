"""The user's data folder: where it lies, one writer at a time, and files that are written whole or not at all."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from orepass.errors import BadInput

PATIENCE = 10.0
"""So many seconds a writer waits for another one."""


def data_folder() -> Path:
    """``OREPASS_DATA``, else ``orepass`` in the folder that the desktop keeps for data."""
    named = os.environ.get("OREPASS_DATA")
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "orepass"


@contextmanager
def alone(lock: Path, deed: str, patience: float = PATIENCE) -> Generator[None, None, None]:
    """Hold a lock file while something is written; the system lets go of it when the process ends, in whatever way.

    Raises
    ------
    BadInput
        When another process holds it for longer than ``patience`` seconds, or the folder cannot be written to.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = lock.open("ab")
    except OSError as error:
        raise _closed(lock.parent, error) from None
    with handle:
        end = time.monotonic() + patience
        while not _taken(handle):
            if time.monotonic() > end:
                raise BadInput(
                    f"another process is busy to {deed}",
                    where=str(lock.parent),
                    remedy="wait until it is done and try again",
                )
            time.sleep(0.02)
        yield


def _taken(handle: IO[bytes]) -> bool:
    """Whether the lock is now ours."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a file system without locks
    return True


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, and put it there when all of it is on the disk.

    Raises
    ------
    BadInput
        When it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _closed(path, error) from None


def _closed(path: Path, error: OSError) -> BadInput:
    return BadInput(
        f"it cannot be written ({error.strerror or error})",
        where=str(path),
        expected="a folder that you may write to",
        remedy="name another one in OREPASS_DATA",
    )
