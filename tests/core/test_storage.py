"""A full, read-only or closed disk is named in a transient error, and the next write succeeds."""

import errno
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from city_indicators.core.archive import Archive
from city_indicators.core.errors import StorageError, TransientError
from city_indicators.core.snapshots import Answer
from city_indicators.core.storage import forget_listing, remove_folder, write_atomically
from city_indicators.intake.folders import DiskFolder
from tests.conftest import PROJECT

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
FORM = Answer("https://publisher.example/", b"a" * 100, "text/csv", None, None)

Writer = Callable[[Path], object]


def into_archive(folder: Path) -> object:
    return Archive(folder).store("publisher", FORM, AT)


def into_inbox(folder: Path) -> object:
    return DiskFolder(folder).write("form.csv.report.txt", FORM.content)


WRITERS = [into_archive, into_inbox]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@contextmanager
def limited(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


@pytest.mark.parametrize("write", WRITERS)
def test_a_failed_write_says_so_leaves_nothing_and_succeeds_later(write: Writer, tmp_path: Path) -> None:
    with limited(10), pytest.raises(StorageError, match=r"File too large; nothing was written\. Next step: "):
        write(tmp_path)
    assert files(tmp_path) == []
    write(tmp_path)
    assert [file.stat().st_size for file in files(tmp_path)] == [100]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES])
@pytest.mark.parametrize("call", ["mkdir", "fsync", "replace"])
def test_every_step_of_a_write_may_find_the_disk_full_or_closed(
    number: int, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a" / "object"

    def fails(*arguments: object, **options: object) -> object:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(os, call, fails)
        with pytest.raises(StorageError, match=os.strerror(number)) as caught:
            write_atomically(target, b"content")
    assert isinstance(caught.value, TransientError)
    assert str(target) in str(caught.value)
    assert files(tmp_path) == []
    write_atomically(target, b"content")
    assert target.read_bytes() == b"content"


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "object").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "object", b"content")


ON_A_SMALL_DISK = """
import os, subprocess, sys
from pathlib import Path
from city_indicators.core.errors import StorageError
from tests.core.test_storage import WRITERS, files

disk = Path(sys.argv[1])
# With its source named, `mount` does not repeat the owner, whom it would not find in this namespace.
mount = lambda *options: subprocess.run(["mount", *options, "tmpfs", str(disk)], check=True)
for write in WRITERS:
    mount("-t", "tmpfs", "-o", "size=64k")
    ballast = disk / "ballast"
    try:
        ballast.write_bytes(bytes(1 << 20))
    except OSError:
        pass
    for fault, mend in (
        ("No space left on device", ballast.unlink),
        ("Read-only file system", lambda: mount("-o", "remount,rw")),
    ):
        try:
            write(disk)
            sys.exit(f"{write.__name__}: written in spite of: {fault}")
        except StorageError as error:
            assert fault in str(error), error
        assert [file.name for file in files(disk)] in (["ballast"], []), files(disk)
        mend()
        if fault.startswith("No space"):
            mount("-o", "remount,ro")
    write(disk)
    assert len(files(disk)) == 1
    subprocess.run(["umount", str(disk)], check=True)
print("recovered")
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="mounting a small disk needs Linux")
def test_a_disk_that_is_really_full_and_then_read_only(tmp_path: Path) -> None:
    own_mounts = ["unshare", "--user", "--map-root-user", "--mount"]
    command = [*own_mounts, sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": f"{PROJECT / 'plugins'}:{PROJECT}"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if "unshare failed" in done.stderr:
        pytest.skip(f"this machine lets nobody mount a disk of their own: {done.stderr.strip()}")
    assert (done.stdout, done.returncode) == ("recovered\n", 0), done.stderr


def test_a_folder_is_removed_from_a_disk_and_from_a_bucket(storage: str) -> None:
    from airflow.sdk import ObjectStoragePath

    folder = ObjectStoragePath(storage) / "staged"
    for name in ("own/a", "own/deeper/b", "other/c"):
        write_atomically(folder / name, b"content")
    for _ in range(2):
        remove_folder(folder / "own")
        forget_listing(folder)
        assert [(folder / name).exists() for name in ("own/a", "own/deeper/b", "other/c")] == [
            False,
            False,
            True,
        ]
