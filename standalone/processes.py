"""Starts processes so that they can be found later, and stops them with all of their children.

Every service leads its own session. The processes that it starts are in that session or among its
descendants, regardless of process groups, so both together are complete. A pid is only valid together with
the creation time recorded at the start, because pids are reused.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

CLOCK_TOLERANCE = 2.0
"""Seconds by which two readings of a creation time may differ when the clock is adjusted."""
KILL_GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL for the remaining processes of a service."""


@dataclass(frozen=True)
class Launch:
    """How to start and to stop one service."""

    name: str
    command: Sequence[str]
    log: Path
    env: dict[str, str]
    user: int | None = None
    group: int | None = None
    stop_signal: int = signal.SIGTERM
    grace: float = 20.0


@dataclass(frozen=True)
class Started:
    """A process that we started, with the data to recognise it later. `created` is in epoch seconds."""

    name: str
    pid: int
    created: float
    stop_signal: int = signal.SIGTERM
    grace: float = 20.0

    def process(self) -> psutil.Process | None:
        """The process if it still runs, None if it ended (its pid may belong to another process)."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.created) <= CLOCK_TOLERANCE
        except psutil.NoSuchProcess:
            return None
        return found if same and _is_alive(found) else None

    def everything(self) -> set[psutil.Process]:
        """The process, its descendants and all other processes of its session."""
        leader = self.process()
        if leader is None and self._is_someone_else():
            return set()
        found = {leader, *leader.children(recursive=True)} if leader else set()
        return found | {p for p in psutil.process_iter() if _in_session(p, self)}

    def _is_someone_else(self) -> bool:
        """Whether another process has the pid now; impossible while the session exists."""
        try:
            return _is_alive(psutil.Process(self.pid))
        except psutil.NoSuchProcess:
            return False


def launch(service: Launch) -> Started:
    """Start `service` in its own session, with its output in its log."""
    if service.log.exists():
        service.log.replace(service.log.with_suffix(".previous.log"))
    with service.log.open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 - the commands are ours
            list(service.command),
            env=service.env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=service.log.parent,
            user=service.user,
            group=service.group,
            extra_groups=None if service.user is None else [],
        )
    return Started(
        service.name, child.pid, psutil.Process(child.pid).create_time(), service.stop_signal, service.grace
    )


def stop(services: Iterable[Started]) -> None:
    """Stop `services` together: first each one's own signal, after its grace period SIGTERM, then SIGKILL."""
    services = list(services)
    everything = {process for service in services for process in service.everything()}
    leaders = [(service, process) for service in services if (process := service.process())]
    for service, process in leaders:
        _send(process, service.stop_signal)
    begun = time.monotonic()
    for service, process in leaders:
        psutil.wait_procs([process], timeout=max(0.0, service.grace - (time.monotonic() - begun)))
    everything |= {process for service in services for process in service.everything()}
    for last_signal in (signal.SIGTERM, signal.SIGKILL):
        left = [process for process in everything if _is_alive(process)]
        for process in left:
            _send(process, last_signal)
        psutil.wait_procs(left, timeout=KILL_GRACE)


def connections(process: psutil.Process) -> list[Any]:
    """The TCP connections of a process; none if it has ended."""
    try:
        return process.net_connections("tcp")
    # What is left of a process that has just ended belongs to root.
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []


def _send(process: psutil.Process, what: int) -> None:
    try:
        # psutil checks the creation time again before it sends the signal.
        process.send_signal(what)
    except psutil.NoSuchProcess:
        return


def _in_session(process: psutil.Process, leader: Started) -> bool:
    try:
        return (
            os.getsid(process.pid) == leader.pid
            and process.create_time() >= leader.created - CLOCK_TOLERANCE
            and process.pid != os.getpid()
        )
    except (OSError, psutil.Error):
        return False


def _is_alive(process: psutil.Process) -> bool:
    """Whether the process runs and is not a zombie."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
