"""The inbox: waits for submitted files, and answers them (intake/mailbox.py)."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from airflow.sdk import BaseSensorOperator, Context, ObjectStoragePath
from airflow.triggers.base import BaseTrigger, TriggerEvent

from city_indicators.core.errors import InboxError
from city_indicators.core.names import escaped
from city_indicators.intake.folders import State
from city_indicators.intake.mailbox import Look, Mailbox
from city_indicators.orchestration.connections import inbox_root
from city_indicators.orchestration.notify import Message, send

Folder = Literal["submissions", "best_practices"]
FILES_AT_ONCE: Final = 50
POLL_SECONDS: Final = 10.0
LONGEST_PAUSE_SECONDS: Final = 1800.0
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


def name_of(address: str) -> str:
    """The name of a submitted file, escaped, from the address that the sensor returned."""
    return address.rpartition("/")[2]


def read(address: str) -> bytes:
    """The bytes of a submitted file.

    Raises:
        UnusableFileError: it is no regular file, larger than a form, or must not be read.
        FileNotFoundError: it was removed.
    """
    return _mailbox_of(address).read(name_of(address))


def write_answer(address: str, fingerprint: str, text: str) -> str:
    """Write the answer to a submitted file; returns the address of the answer.

    If nothing can be written beside the file, the answer goes to quarantine and operators get a message.

    Raises:
        StorageError: the disk is full, read-only or closed to us.
    """
    answer = _mailbox_of(address).answer(name_of(address), fingerprint, text)
    if answer.rpartition("/")[0] != address.rpartition("/")[0]:
        send(
            Message(
                f"inbox: {name_of(address)} is in quarantine",
                f"file: {address}\nfault: its answer cannot be written beside it\nanswer: {answer}\n"
                "next step: remove what has the name of the answer there, forward the answer to the sender, "
                "then delete it",
            )
        )
    return answer


def _mailbox_of(address: str) -> Mailbox:
    return Mailbox(_folder_at(address.rpartition("/")[0]))


def _folder_at(address: str) -> Path:
    return ObjectStoragePath(address)  # type: ignore[return-value]


class Watch:
    """The state of a folder that a waiting sensor remembers between two checks.

    `failed_at` is the time (seconds) at which the latest failed run ended, if there is one.
    """

    def __init__(self, folder: Path, failed_at: float | None = None) -> None:
        self._folder = folder
        self._mailbox = Mailbox(folder)
        self._failed_at = failed_at
        self._before: dict[str, Look] = {}
        self._answered: dict[str, Look] = {}

    def ready(self) -> list[str]:
        """Addresses of the files without a current answer that have not changed since the previous check.

        The first check returns none: a file may still be uploading.
        """
        looks = self._mailbox.looks()
        unchanged = [
            name for name in looks if name in self._before and self._before[name].file == looks[name].file
        ]
        self._before = looks
        waiting = [
            name
            for name in unchanged
            if not (self._is_paused(looks[name].file) or self._is_answered(name, looks[name]))
        ]
        return [f"{self._folder}/{name}" for name in sorted(waiting)[:FILES_AT_ONCE]]

    def _is_paused(self, state: State) -> bool:
        """Whether a file waits after a failed run: for as long as it was in the folder, half an hour at most.

        Files that arrived after the failure are processed at once.
        """
        if self._failed_at is None:
            return False
        pause = min(self._failed_at - state[1], LONGEST_PAUSE_SECONDS)
        return time.time() < self._failed_at + pause

    def _is_answered(self, name: str, look: Look) -> bool:
        if not any(look.answers):
            return False
        if self._answered.get(name) == look:
            return True
        try:
            answered = self._mailbox.is_answered(name)
        except FileNotFoundError:
            # Removed since the look: there is nothing to answer.
            return True
        except OSError as error:
            # One file that cannot be read must not stop the others: its own task reports the fault.
            log.warning("%s could not be compared with its answer: %s", name, _text_of(error))
            return False
        if answered:
            # Read the file once, not at every check.
            self._answered[name] = look
        return answered


def _text_of(error: Exception) -> str:
    """An error in words. It may repeat the name of a file, which need not be text that can be stored."""
    return escaped(f"{type(error).__name__}: {error}".encode("utf-8", "surrogateescape"))


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
        """Yield one event: the addresses of the waiting files, or an error if the folder cannot be read."""
        try:
            found: list[str] | str = await self._files()
        except Exception as error:
            # With soft_fail, the sensor would treat a failed trigger as its daily timeout.
            found = _text_of(error)
            log.warning("The folder %s could not be read: %s", self.folder, found)
        yield TriggerEvent(found)  # type: ignore[no-untyped-call]

    async def _files(self) -> list[str]:
        # The folder may be in a bucket: reading it must not block the other triggers, and object storage
        # cannot be used from the thread of their event loop.
        watch = await asyncio.to_thread(lambda: Watch(_folder_at(self.folder), self.failed_at))
        while not (files := await asyncio.to_thread(watch.ready)):
            await asyncio.sleep(self.poll_seconds)
        return files


class InboxSensor(BaseSensorOperator):
    """Waits, without using a worker, for files that have no current answer; returns their addresses.

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
        """The addresses of the waiting files.

        Raises:
            InboxError: the folder could not be read.
        """
        if isinstance(event, str):
            raise InboxError(inbox(self.folder), event)
        self.log.info("%d files are waiting for an answer", len(event))
        return event
