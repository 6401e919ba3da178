"""Folders into which other people put files, on a disk or in object storage: lists, reads and writes files.

A file may have any name and be of any kind. Its name is escaped here (core/names.py): on a disk, names are
bytes and need not be text.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, Protocol
from uuid import uuid4

from city_indicators.core.errors import UnusableFileError
from city_indicators.core.names import escaped, unescaped
from city_indicators.core.storage import is_local, local, storing

State = tuple[int, float, int]
"""Size in bytes, modification time (seconds), and mode: the kind of file and its permissions."""

# Without O_NONBLOCK, opening a pipe waits until somebody writes into it.
READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Folder(Protocol):
    """A folder of files, each known by its escaped name."""

    def states(self) -> dict[str, State]:
        """The state of everything in the folder except folders, by name."""

    def read(self, name: str, most: int) -> bytes:
        """The bytes of a file.

        Raises:
            UnusableFileError: it is no regular file, or larger than `most` bytes, or must not be read.
            FileNotFoundError: there is no such file.
        """

    def end(self, name: str, length: int) -> bytes:
        """The last bytes of a file of any size; nothing if it is no regular file, missing or unreadable."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file completely or not at all, in place of what has its name.

        Raises:
            StorageError: the disk is full, read-only or closed to us.
            OSError: something else stands in the way, for example a folder of this name.
        """


def folder_at(path: Path) -> Folder:
    """The folder at a path, on a disk or in object storage."""
    return DiskFolder(local(path)) if is_local(path) else BucketFolder(path)


class DiskFolder:
    """A folder of a file system. No link in it is followed, and nothing but regular files is read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def states(self) -> dict[str, State]:
        """The state of everything in the folder except folders, by name."""
        found: dict[str, State] = {}
        with self._opened() as folder, os.scandir(folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    state = entry.stat(follow_symlinks=False)
                    if not stat.S_ISDIR(state.st_mode):
                        found[escaped(os.fsencode(entry.name))] = _state(state)
        return found

    def read(self, name: str, most: int) -> bytes:
        """The bytes of a regular file of at most `most` bytes."""
        with self._file(name) as (stream, size):
            return _bounded(stream, size, most)

    def end(self, name: str, length: int) -> bytes:
        """The last bytes of a regular file."""
        with suppress(FileNotFoundError, UnusableFileError), self._file(name) as (stream, size):
            stream.seek(max(size - length, 0))
            return stream.read(length)
        return b""

    def write(self, name: str, content: bytes) -> None:
        """Write a file and put it in place of what has its name, also of a link."""
        fresh = f".{uuid4().hex}"
        with storing(self._path / name), self._opened() as folder:
            try:
                with os.fdopen(os.open(fresh, CREATE, 0o666, dir_fd=folder), "wb") as stream:
                    # Who sent the file must be able to read its answer, whatever the umask of the stack is.
                    os.fchmod(stream.fileno(), 0o644)
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.replace(fresh, unescaped(name), src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(fresh, dir_fd=folder)
                raise
            os.fsync(folder)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        folder = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _file(self, name: str) -> Iterator[tuple[IO[bytes], int]]:
        with self._opened() as folder:
            # Opening a device may do something, so it is looked at first.
            _demand_regular(os.stat(unescaped(name), dir_fd=folder, follow_symlinks=False))
            try:
                opened = os.open(unescaped(name), READ, dir_fd=folder)
            except PermissionError:
                raise UnusableFileError.closed() from None
            except FileNotFoundError:
                raise
            except OSError:
                # The file was replaced after the look, by a link or a socket.
                _demand_regular(os.stat(unescaped(name), dir_fd=folder, follow_symlinks=False))
                raise
        with os.fdopen(opened, "rb") as stream:
            state = os.fstat(opened)
            _demand_regular(state)
            yield stream, state.st_size


class BucketFolder:
    """A folder in object storage, which has neither links nor devices."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def states(self) -> dict[str, State]:
        """The state of every object in the folder, by name."""
        # The file system caches the listing of a bucket, to which others write.
        self._path.fs.invalidate_cache()  # type: ignore[attr-defined]
        try:
            files = list(self._path.iterdir())
        except (NotADirectoryError, FileNotFoundError):
            # In object storage an empty folder does not exist.
            return {}
        found: dict[str, State] = {}
        for file in files:
            with suppress(FileNotFoundError):
                if file.is_file():
                    found[escaped(file.name.encode())] = _state(file.stat())
        return found

    def read(self, name: str, most: int) -> bytes:
        """The bytes of an object of at most `most` bytes."""
        try:
            with self._file(name).open("rb") as stream:
                return _bounded(stream, self._file(name).stat().st_size, most)
        except PermissionError:
            raise UnusableFileError.closed() from None

    def end(self, name: str, length: int) -> bytes:
        """The last bytes of an object."""
        with suppress(FileNotFoundError, PermissionError):
            size = self._file(name).stat().st_size
            with self._file(name).open("rb") as stream:
                stream.seek(max(size - length, 0))
                return stream.read(length)
        return b""

    def write(self, name: str, content: bytes) -> None:
        """Write an object; storage shows it once it is complete."""
        self._file(name).write_bytes(content)

    def _file(self, name: str) -> Path:
        return self._path / unescaped(name).decode()


def _demand_regular(state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise UnusableFileError.no_file()


def _bounded(stream: IO[bytes], size: int, most: int) -> bytes:
    # Space that a sparse file does not use is still read, so its size is looked at before.
    content = b"" if size > most else stream.read(most + 1)
    if size > most or len(content) > most:
        raise UnusableFileError.too_large(max(size, len(content)), most)
    return content


def _state(state: os.stat_result) -> State:
    return state.st_size, state.st_mtime, state.st_mode
