"""The errors of the local stack, each with the next step."""

from pathlib import Path
from typing import Final

from city_indicators.core.errors import PermanentError

LAST_LINES: Final = 15
"""How much of a log an error shows."""


class LocalStackError(PermanentError):
    """The local stack cannot run a command. Names the next step."""

    def __init__(self, fault: str, next_step: str) -> None:
        super().__init__(f"{fault}\nNext step: {next_step}")


class AlreadyRunningError(LocalStackError):
    """Another stack of this checkout is running."""


class NotRunningError(LocalStackError):
    """The command needs a running stack, and there is none."""


class ServiceFailedError(LocalStackError):
    """A service ended, or did not start in time. Names the service and shows the end of its log."""

    def __init__(self, service: str, fault: str, log: Path) -> None:
        super().__init__(f"{service} {fault}\n{_tail(log)}", f"read {log}, then run the same command again")
        self.service = service


class BackupError(LocalStackError):
    """A backup or a restore of the warehouse failed."""


class RunsFailedError(LocalStackError):
    """DAG runs failed, or did not end in time."""


def _tail(log: Path) -> str:
    if not log.exists():
        return "  (it wrote no log)"
    text = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
    return "\n".join(f"  | {line}" for line in text)
