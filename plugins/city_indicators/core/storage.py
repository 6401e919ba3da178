"""Writes files so that they are complete or absent, and says when a disk is full or closed."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from city_indicators.core.errors import StorageError

NO_ROOM: Final = "make room on the disk, or raise the quota"
NEXT_STEPS: Final = {
    errno.ENOSPC: NO_ROOM,
    errno.EDQUOT: NO_ROOM,
    errno.EFBIG: "raise the limit of the size of a file",
    errno.EROFS: "mount the disk for writing; if it became read-only by itself, check it first",
    errno.EACCES: "let the user of the tasks write there",
}


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn an error of a full, read-only or closed disk while writing to `path` into a typed one.

    Raises:
        StorageError: the disk is full, read-only or closed to us.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in NEXT_STEPS:
            raise
        raise StorageError(path, os.strerror(error.errno), NEXT_STEPS[error.errno]) from error


def is_local(path: Path) -> bool:
    """Whether a pathlib-like path is on a disk, and not in object storage."""
    return getattr(path, "protocol", "file") in ("", "file", "local")


def local(path: Path) -> Path:
    """A path on a disk as an ordinary path."""
    return Path(getattr(path, "path", path))


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file that readers see complete or not at all; `path` is local or in object storage.

    Raises:
        StorageError: the disk is full, read-only or closed to us.
    """
    if not is_local(path):
        # Object storage shows an object only once it is complete.
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return
    target = local(path)
    fresh = target.with_name(f".{target.name}.{uuid4().hex}")
    with storing(target):
        _make_folder(target.parent)
        try:
            with fresh.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
        _sync(target.parent)


def forget_listing(folder: Path) -> None:
    """Forget what is known of a bucket, to which others write; nothing on a disk."""
    if not is_local(folder):
        folder.fs.invalidate_cache()  # type: ignore[attr-defined]


def remove_folder(folder: Path) -> None:
    """Delete a folder with all that is in it, on a disk or in object storage; nothing if there is none."""
    if is_local(folder):
        shutil.rmtree(local(folder), ignore_errors=True)
    elif folder.exists():
        folder.fs.rm(folder.path, recursive=True)  # type: ignore[attr-defined]


def _make_folder(folder: Path) -> None:
    """Create a folder whose own name, too, survives a loss of power."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Flush a folder to disk, so that its file names survive a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
