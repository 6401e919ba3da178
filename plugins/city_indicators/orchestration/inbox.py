"""The folders that people drop files into: waiting for a file, and the answer laid beside it.

A file `form.csv` is answered by `form.csv.report.txt`, whose last line names the sha256 of what it
answers: a file that was replaced since has no current answer, and is taken up again.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from airflow.sdk import BaseSensorOperator, Context, ObjectStoragePath
from airflow.triggers.base import BaseTrigger, TriggerEvent

from city_indicators.core.errors import InboxError
from city_indicators.orchestration.connections import inbox_root

Folder = Literal["submissions", "best_practices"]
State = tuple[int, float, int]
"""Size in bytes, time of change (seconds) and rights of a file."""

ANSWER_SUFFIX: Final = ".report.txt"
ANSWERED: Final = "Answers the file with sha256 "
FILES_AT_ONCE: Final = 50
POLL_SECONDS: Final = 10.0
CHUNK_BYTES: Final = 1 << 20
LONGEST_PAUSE_SECONDS: Final = 1800.0
UNREADABLE: Final = "unknown, for it may not be read"
"""In place of the sha256 of such a file."""
LOOKED_AGAIN: Final[dict[str, Any]] = {
    "retries": 5,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 2.0,
}
"""How a sensor is tried again that cannot look: for half an hour at growing pauses before it is told."""

log = logging.getLogger(__name__)


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
    except (FileNotFoundError, PermissionError, UnicodeDecodeError):
        return False
    return lines[-1:] == [f"{ANSWERED}{fingerprint(file)}"]


class Watch:
    """What one waiting sensor remembers of a folder between two looks.

    `failed_at` is when the latest failed run ended (seconds), if there is one.
    """

    def __init__(self, folder: Path, failed_at: float | None = None) -> None:
        self._folder = folder
        self._failed_at = failed_at
        self._before: dict[str, State] = {}
        self._answered: dict[str, State] = {}

    def ready(self) -> list[str]:
        """Paths of the files without a current answer that did not change since the look before.

        The first look finds none: a file may still be on its way.
        """
        states = dict(_states(self._folder))
        still = [path for path, state in states.items() if self._before.get(path) == state]
        self._before = states
        waiting = [
            path for path in still if not (self._rests(states[path]) or self._knows_answer(path, states))
        ]
        return sorted(waiting)[:FILES_AT_ONCE]

    def _rests(self, state: State) -> bool:
        """Whether a file is left alone after a failed run: for as long as it lay there, half an hour at most.

        What was dropped since is taken up at once.
        """
        if self._failed_at is None:
            return False
        pause = min(self._failed_at - state[1], LONGEST_PAUSE_SECONDS)
        return time.time() < self._failed_at + pause

    def _knows_answer(self, path: str, states: dict[str, State]) -> bool:
        if self._answered.get(path) == states[path] and answer_of(dropped(path)).exists():
            return True
        if answered := is_answered(dropped(path)):
            # Read once, not at every look.
            self._answered[path] = states[path]
        return answered


class InboxTrigger(BaseTrigger):
    """Looks into a folder until a file waits for an answer."""

    def __init__(self, folder: str, poll_seconds: float, failed_at: float | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.folder = folder
        self.poll_seconds = poll_seconds
        self.failed_at = failed_at

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes this trigger again."""
        kwargs = {"folder": self.folder, "poll_seconds": self.poll_seconds, "failed_at": self.failed_at}
        return "city_indicators.orchestration.inbox.InboxTrigger", kwargs

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event: the paths of the files that wait, or as a text why the folder cannot be looked into."""
        try:
            found: list[str] | str = await self._files()
        except Exception as error:
            # A sensor that ends softly would take the failure of its trigger for the end of its day.
            log.exception("The folder %s could not be looked into", self.folder)
            found = f"{type(error).__name__}: {error}"
        yield TriggerEvent(found)  # type: ignore[no-untyped-call]

    async def _files(self) -> list[str]:
        # The folder may be in a bucket: looking must not hold up the other triggers, and a bucket cannot be
        # entered from the thread of their event loop.
        watch = await asyncio.to_thread(lambda: Watch(dropped(self.folder), self.failed_at))
        while not (files := await asyncio.to_thread(watch.ready)):
            await asyncio.sleep(self.poll_seconds)
        return files


class InboxSensor(BaseSensorOperator):
    """Waits, without a worker, for files that have no current answer; gives their paths as strings.

    It is skipped after a day: with a continuous schedule the next run waits on.
    """

    def __init__(self, *, folder: Folder, **kwargs: Any) -> None:
        super().__init__(timeout=timedelta(days=1).total_seconds(), soft_fail=True, **kwargs)
        self.folder = folder
        self.poll_seconds = POLL_SECONDS

    def execute(self, context: Context) -> NoReturn:
        """Make the folder, so that it can be found, and wait."""
        folder = inbox(self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        failed = context["ti"].get_previous_dagrun(state="failed")
        failed_at = failed.end_date.timestamp() if failed and failed.end_date else None
        trigger = InboxTrigger(str(folder), self.poll_seconds, failed_at)
        self.defer(trigger=trigger, method_name="found", timeout=timedelta(seconds=self.timeout))

    def found(self, context: Context, event: list[str] | str) -> list[str]:  # noqa: ARG002
        """The paths of the files that wait.

        Raises:
            InboxError: the folder could not be looked into.
        """
        if isinstance(event, str):
            raise InboxError(inbox(self.folder), event)
        self.log.info("%d files wait for an answer", len(event))
        return event


def _states(folder: Path) -> Iterable[tuple[str, State]]:
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
            yield str(file), (state.st_size, state.st_mtime, state.st_mode)


def fingerprint(file: Path) -> str:
    """The sha256 of a file of any size, or UNREADABLE."""
    try:
        return _sha256_of(file)
    except PermissionError:
        return UNREADABLE


def _sha256_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
