"""The folders that people drop files into: waiting for a file, and the answer laid beside it.

A file `form.csv` is answered by `form.csv.report.txt`, whose last line names the sha256 of what it
answers: a file that was replaced since has no current answer, and is taken up again.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from airflow.sdk import BaseSensorOperator, Context, ObjectStoragePath
from airflow.triggers.base import BaseTrigger, TriggerEvent

from city_indicators.airflow.connections import inbox_root

Folder = Literal["submissions", "cases"]
States = dict[str, tuple[int, float]]
"""Size in bytes and time of change (seconds) of files, by path."""

ANSWER_SUFFIX: Final = ".report.txt"
ANSWERED: Final = "Answers the file with sha256 "
FILES_AT_ONCE: Final = 50
POLL_SECONDS: Final = 10.0
CHUNK_BYTES: Final = 1 << 20


def inbox(folder: Folder) -> Path:
    """One folder of the inbox."""
    return inbox_root() / folder


def dropped(path: str) -> Path:
    """A file as the sensor names it."""
    return ObjectStoragePath(path)  # type: ignore[return-value]


def answer_of(file: Path) -> Path:
    """Where the answer to a file lies."""
    return file.parent / f"{file.name}{ANSWER_SUFFIX}"


def write_answer(file: Path, sha256: str, text: str) -> Path:
    """Lay the answer to the bytes with that sha256 beside a file; the answer's path."""
    target = answer_of(file)
    # Whoever may drop files must not have us write through a link that he dropped in its place.
    target.unlink(missing_ok=True)
    target.write_text(f"{text.rstrip()}\n\n{ANSWERED}{sha256}\n", encoding="utf-8")
    return target


def is_answered(file: Path) -> bool:
    """Whether the answer beside a file is to the bytes that the file holds now."""
    try:
        lines = answer_of(file).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return False
    return lines[-1:] == [f"{ANSWERED}{sha256_of(file)}"]


class Watch:
    """What one waiting sensor remembers of a folder between two looks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before: States = {}
        self._answered: States = {}

    def ready(self) -> list[str]:
        """Paths of the files without a current answer that did not change since the look before.

        The first look finds none: a file may still be on its way.
        """
        states = dict(_states(self._folder))
        still = [path for path, state in states.items() if self._before.get(path) == state]
        self._before = states
        waiting = [path for path in still if not self._knows_answer(path, states)]
        return sorted(waiting)[:FILES_AT_ONCE]

    def _knows_answer(self, path: str, states: States) -> bool:
        if self._answered.get(path) == states[path] and answer_of(dropped(path)).exists():
            return True
        if answered := is_answered(dropped(path)):
            # Read once, not at every look.
            self._answered[path] = states[path]
        return answered


class InboxTrigger(BaseTrigger):
    """Looks into a folder until a file waits for an answer."""

    def __init__(self, folder: str, poll_seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.folder = folder
        self.poll_seconds = poll_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes this trigger again."""
        kwargs = {"folder": self.folder, "poll_seconds": self.poll_seconds}
        return "city_indicators.airflow.inbox.InboxTrigger", kwargs

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event, with the paths of the files that wait."""
        # The folder may be in a bucket: looking must not hold up the other triggers, and a bucket cannot be
        # entered from the thread of their event loop.
        watch = await asyncio.to_thread(lambda: Watch(dropped(self.folder)))
        while not (files := await asyncio.to_thread(watch.ready)):
            await asyncio.sleep(self.poll_seconds)
        yield TriggerEvent(files)  # type: ignore[no-untyped-call]


class InboxSensor(BaseSensorOperator):
    """Waits, without a worker, for files that have no current answer; gives their paths as strings.

    It is skipped after a day: with a continuous schedule the next run waits on.
    """

    def __init__(self, *, folder: Folder, **kwargs: Any) -> None:
        super().__init__(timeout=timedelta(days=1).total_seconds(), soft_fail=True, **kwargs)
        self.folder = folder
        self.poll_seconds = POLL_SECONDS

    def execute(self, context: Context) -> NoReturn:  # noqa: ARG002
        """Make the folder, so that it can be found, and wait."""
        folder = inbox(self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        trigger = InboxTrigger(str(folder), self.poll_seconds)
        self.defer(trigger=trigger, method_name="found", timeout=timedelta(seconds=self.timeout))

    def found(self, context: Context, event: list[str]) -> list[str]:  # noqa: ARG002
        """The paths of the files that wait."""
        self.log.info("%d files wait for an answer", len(event))
        return event


def _states(folder: Path) -> Iterable[tuple[str, tuple[int, float]]]:
    # What a bucket was seen to hold is remembered by its file system; people write to it elsewhere.
    folder.fs.invalidate_cache()  # type: ignore[attr-defined]
    try:
        files = list(folder.iterdir())
    except NotADirectoryError:
        # A bucket knows no empty folders.
        return
    for file in files:
        # Hidden files are on their way; "~$" marks a workbook that is open in an office program.
        if file.name.startswith((".", "~$")) or file.name.endswith(ANSWER_SUFFIX):
            continue
        # A link may lead to what only we can read.
        if file.is_symlink() or not file.is_file():
            continue
        with suppress(FileNotFoundError):
            state = file.stat()
            yield str(file), (state.st_size, state.st_mtime)


def sha256_of(file: Path) -> str:
    """The sha256 of a file of any size."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
