"""Where tests keep the servers that they start: in memory, if the system offers enough of it."""

import os
import shutil
from pathlib import Path
from typing import Final

SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108
NEEDED_BYTES: Final = 4 * 2**30
"""Twice what two processes of a complete run hold there. A container has 64 MB by default."""


def folder() -> str | None:
    """A folder for the argument `dir` of `tempfile`; None, its default, is one on the disk.

    A copy of a database is a thousand small files: making one takes a tenth of the processor time in memory.
    Who sets TMPDIR chooses the folder.
    """
    if "TMPDIR" in os.environ:
        return None
    offered = SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > NEEDED_BYTES
    return str(SHARED_MEMORY) if offered else None
