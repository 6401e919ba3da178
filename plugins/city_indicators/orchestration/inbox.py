"""The inbox: waits for submitted files, and writes an answer next to each file.

The answer to `form.csv` is `form.csv.report.txt`. Its last line is the sha256 of the file it answers, so a
file that was replaced since has no current answer and is processed again.
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
"""Size in bytes, modification time (seconds) and permissions of a file."""

ANSWER_SUFFIX: Final = ".report.txt"
ANSWERED: Final = "Answers the file with sha256 "
FILES_AT_ONCE: Final = 50
POLL_SECONDS: Final = 10.0
CHUNK_BYTES: Final = 1 << 20
LONGEST_PAUSE_SECONDS: Final = 1800.0
UNREADABLE: Final = "unknown: no permission to read the file"
"""Used in place of the sha256 of a file that must not be read."""
SENSOR_RETRIES: Final[dict[str, Any]] = {
    "retries": 5,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 2.0,
}
"""Retries of a sensor that cannot read the inbox: half an hour, at growing pauses, before it fails."""

log = logging.getLogger(__name__)


def inbox(folder: Folder) -> Path:
    """A folder of the inbox."""
    return inbox_root() / folder


def submitted_file(path: str) -> Path:
    """The file of a path that the sensor returned."""
    return ObjectStoragePath(path)  # type: ignore[return-value]


def answer_of(file: Path) -> Path:
    """The path of the answer to a file."""
    return file.parent / f"{file.name}{ANSWER_SUFFIX}"


def write_answer(file: Path, sha256: str, text: str) -> Path:
    """Write the answer to a file with that sha256 next to it; returns the path of the answer."""
    target = answer_of(file)
    # A sender could put a link in place of the answer, through which we would overwrite another file.
    target.unlink(missing_ok=True)
    target.write_text(f"{text.rstrip()}\n\n{ANSWERED}{sha256}\n", encoding="utf-8")
    return target


def is_answered(file: Path) -> bool:
    """Whether the answer next to a file belongs to the current content of the file."""
    try:
        lines = answer_of(file).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, PermissionError, UnicodeDecodeError):
        return False
    return lines[-1:] == [f"{ANSWERED}{fingerprint(file)}"]


class Watch:
    """The state of a folder that a waiting sensor remembers between two checks.

    `failed_at` is the time (seconds) at which the latest failed run ended, if there is one.
    """

    def __init__(self, folder: Path, failed_at: float | None = None) -> None:
        self._folder = folder
        self._failed_at = failed_at
        self._before: dict[str, State] = {}
        self._answered: dict[str, State] = {}

    def ready(self) -> list[str]:
        """Paths of the files without a current answer that have not changed since the previous check.

        The first check returns none: a file may still be uploading.
        """
        states = dict(_states(self._folder))
        unchanged = [path for path, state in states.items() if self._before.get(path) == state]
        self._before = states
        waiting = [
            path
            for path in unchanged
            if not (self._is_paused(states[path]) or self._is_answered(path, states))
        ]
        return sorted(waiting)[:FILES_AT_ONCE]

    def _is_paused(self, state: State) -> bool:
        """Whether a file waits after a failed run: for as long as it was in the folder, half an hour at most.

        Files that arrived after the failure are processed at once.
        """
        if self._failed_at is None:
            return False
        pause = min(self._failed_at - state[1], LONGEST_PAUSE_SECONDS)
        return time.time() < self._failed_at + pause

    def _is_answered(self, path: str, states: dict[str, State]) -> bool:
        if self._answered.get(path) == states[path] and answer_of(submitted_file(path)).exists():
            return True
        if answered := is_answered(submitted_file(path)):
            # Read the file once, not at every check.
            self._answered[path] = states[path]
        return answered


class InboxTrigger(BaseTrigger):
    """Polls a folder until a file is waiting for an answer."""

    def __init__(self, folder: str, poll_seconds: float, failed_at: float | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.folder = folder
        self.poll_seconds = poll_seconds
        self.failed_at = failed_at

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments, from which the triggerer restores this trigger."""
        kwargs = {"folder": self.folder, "poll_seconds": self.poll_seconds, "failed_at": self.failed_at}
        return "city_indicators.orchestration.inbox.InboxTrigger", kwargs

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: the paths of the waiting files, or an error text if the folder cannot be read."""
        try:
            found: list[str] | str = await self._files()
        except Exception as error:
            # With soft_fail, the sensor would treat a failed trigger as its daily timeout.
            log.exception("The folder %s could not be read", self.folder)
            found = f"{type(error).__name__}: {error}"
        yield TriggerEvent(found)  # type: ignore[no-untyped-call]

    async def _files(self) -> list[str]:
        # The folder may be in a bucket: reading it must not block the other triggers, and object storage
        # cannot be used from the thread of their event loop.
        watch = await asyncio.to_thread(lambda: Watch(submitted_file(self.folder), self.failed_at))
        while not (files := await asyncio.to_thread(watch.ready)):
            await asyncio.sleep(self.poll_seconds)
        return files


class InboxSensor(BaseSensorOperator):
    """Waits, without using a worker, for files that have no current answer; returns their paths as strings.

    It is skipped after a day: with a continuous schedule the next run continues to wait.
    """

    def __init__(self, *, folder: Folder, **kwargs: Any) -> None:
        super().__init__(timeout=timedelta(days=1).total_seconds(), soft_fail=True, **kwargs)
        self.folder = folder
        self.poll_seconds = POLL_SECONDS

    def execute(self, context: Context) -> NoReturn:
        """Create the folder if it is missing, and wait."""
        folder = inbox(self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        failed = context["ti"].get_previous_dagrun(state="failed")
        failed_at = failed.end_date.timestamp() if failed and failed.end_date else None
        trigger = InboxTrigger(str(folder), self.poll_seconds, failed_at)
        self.defer(trigger=trigger, method_name="found", timeout=timedelta(seconds=self.timeout))

    def found(self, context: Context, event: list[str] | str) -> list[str]:  # noqa: ARG002
        """The paths of the waiting files.

        Raises:
            InboxError: the folder could not be read.
        """
        if isinstance(event, str):
            raise InboxError(inbox(self.folder), event)
        self.log.info("%d files are waiting for an answer", len(event))
        return event


def _states(folder: Path) -> Iterable[tuple[str, State]]:
    # The file system caches the listing of a bucket, to which others write.
    folder.fs.invalidate_cache()  # type: ignore[attr-defined]
    try:
        files = list(folder.iterdir())
    except NotADirectoryError:
        # In object storage an empty folder does not exist.
        return
    for file in files:
        # Hidden files are still uploading; "~$" marks a workbook that is open in an office program.
        if file.name.startswith((".", "~$")) or file.name.endswith(ANSWER_SUFFIX):
            continue
        # A link may point to a file that only we can read.
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
