"""A folder of submitted files and of the answers to them.

The answer to `form.csv` is `form.csv.report.txt`. Its last line is the sha256 of the file it answers, so a
file that was replaced since has no current answer and is processed again.
"""

import errno
import hashlib
import logging
from pathlib import Path
from typing import Final, NamedTuple

from city_indicators.core.errors import UnusableFileError
from city_indicators.core.names import escaped, unescaped
from city_indicators.core.storage import storing
from city_indicators.intake.folders import State, folder_at
from city_indicators.sources.forms import MAX_BYTES

ANSWER_SUFFIX: Final = ".report.txt"
ANSWERED: Final = "Answers the file with sha256 "
QUARANTINE: Final = "quarantine"
LONGEST_NAME: Final = 255
"""Bytes of a name, at most, on the usual file systems."""
LONGEST_LINE: Final = 200
OBSTACLES: Final = (
    errno.EISDIR,
    errno.ENOTEMPTY,
    errno.EEXIST,
    errno.ENAMETOOLONG,
    errno.EILSEQ,
    errno.EPERM,
)
"""Errors of writing that concern this answer, and not every one."""

log = logging.getLogger(__name__)


def answer_name(name: str) -> str:
    """The escaped name of the answer to a file; a name that would be too long is cut and gets a checksum."""
    raw = unescaped(name)
    if len(raw) + len(ANSWER_SUFFIX) > LONGEST_NAME:
        end = f"~{hashlib.sha256(raw).hexdigest()[:16]}"
        text = raw.decode("utf-8", "surrogateescape")
        # No character is cut in half.
        while len(_bytes(text + end + ANSWER_SUFFIX)) > LONGEST_NAME:
            text = text[:-1]
        raw = _bytes(text + end)
    return escaped(raw + ANSWER_SUFFIX.encode())


class Look(NamedTuple):
    """The state of a submitted file, and those of the answers beside it and in quarantine."""

    file: State
    answers: tuple[State | None, State | None]


class Mailbox:
    """A folder of submitted files.

    An answer that cannot be written beside its file, for example because a folder has its name, is written
    to the folder `quarantine` next to this one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = folder_at(path)
        self._aside_path = path.parent / QUARANTINE / path.name
        self._aside = folder_at(self._aside_path)

    def looks(self) -> dict[str, Look]:
        """What is seen of each submitted file, by escaped name, without opening it."""
        beside = self._folder.states()
        try:
            aside = self._aside.states()
        except FileNotFoundError:
            aside = {}
        return {
            name: Look(state, (beside.get(answer_name(name)), aside.get(answer_name(name))))
            for name, state in beside.items()
            # Hidden files are still uploading; "~$" marks a workbook that is open in an office program.
            if not name.startswith((".", "~$")) and not name.endswith(ANSWER_SUFFIX)
        }

    def read(self, name: str) -> bytes:
        """The bytes of a submitted file.

        Raises:
            UnusableFileError: it is no regular file, larger than a form, or must not be read.
            FileNotFoundError: it was removed.
        """
        return self._folder.read(name, MAX_BYTES)

    def fingerprint(self, name: str) -> str:
        """The sha256 of a submitted file, or the mark of a file that cannot be used."""
        try:
            return hashlib.sha256(self.read(name)).hexdigest()
        except UnusableFileError as error:
            return error.mark

    def is_answered(self, name: str) -> bool:
        """Whether one of the answers belongs to the current content of the file."""
        ends = [folder.end(answer_name(name), LONGEST_LINE) for folder in (self._folder, self._aside)]
        return any(ends) and f"{ANSWERED}{self.fingerprint(name)}".encode() in [
            line for end in ends for line in end.splitlines()[-1:]
        ]

    def answer(self, name: str, fingerprint: str, text: str) -> str:
        """Write the answer to a file with that fingerprint; returns the address of the answer.

        Raises:
            StorageError: the disk is full, read-only or closed to us.
        """
        content = f"{text.rstrip()}\n\n{ANSWERED}{fingerprint}\n".encode()
        try:
            self._folder.write(answer_name(name), content)
        except OSError as error:
            if error.errno not in OBSTACLES:
                raise
            log.warning("%s: no answer can be written beside the file: %s", name, error.strerror)
            return self._set_aside(name, content)
        return f"{self._path}/{answer_name(name)}"

    def _set_aside(self, name: str, content: bytes) -> str:
        with storing(self._aside_path):
            self._aside_path.mkdir(parents=True, exist_ok=True)
        self._aside.write(answer_name(name), content)
        return f"{self._aside_path}/{answer_name(name)}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
