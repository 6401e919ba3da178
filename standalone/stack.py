"""The services of one checkout: starts, watches and stops them, and records them in a state file."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

import psutil

from standalone import processes
from standalone.credentials import write_private
from standalone.errors import AlreadyRunningError, ServiceFailedError
from standalone.processes import Launch, Started
from standalone.settings import UMASK, Settings

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RUNNER = "runner"
RUNNER_GRACE = 90.0
POLL = 0.3


class Interrupted(BaseException):
    """The user (or the system) sent a signal to stop the stack."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.exit_code = 128 + signum


@dataclass(frozen=True)
class State:
    """The content of the state file: the runner, its services in order of start, addresses."""

    runner: Started
    services: list[Started]
    ui: str = ""
    mock_server: str = ""

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """The state in `file`, None if there is none."""
        try:
            raw = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        services = [Started(**entry) for entry in raw["services"]]
        return cls(Started(**raw["runner"]), services, raw["ui"], raw.get("mock_server", ""))

    def write(self, file: Path) -> None:
        """Replace `file` with this state."""
        write_private(file, json.dumps(asdict(self), indent=2))


class Stack:
    """The services that this process runs. The context manager stops them however the block ends."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.services: dict[str, Started] = {}
        self.ui = ""
        self.mock_server = ""
        self._folders: list[Path] = []
        self._lock: IO[str] | None = None
        self._signals_before: dict[signal.Signals, object] = {}
        self._starting = False
        self._interrupted_by: int | None = None
        self._umask_before = UMASK

    def __enter__(self) -> Self:
        """Lock the checkout for this process. Nobody else may read what it and its services create.

        Raises:
            AlreadyRunningError: another process has it.
        """
        self._umask_before = os.umask(UMASK)
        self.settings.make_folders()
        self._lock = _take_lock(self.settings)
        stop_leftovers(self.settings)
        for signum in SIGNALS:
            self._signals_before[signum] = signal.signal(signum, self._interrupt)
        self._record()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every service, the last started first, and unlock the checkout."""
        for signum in SIGNALS:
            signal.signal(signum, signal.SIG_IGN)
        _stop_in_order(self.services.values())
        self.settings.state.unlink(missing_ok=True)
        for folder in self._folders:
            with suppress(OSError):
                folder.rmdir()
        if self._lock:
            self._lock.close()
        for signum, before in self._signals_before.items():
            signal.signal(signum, before)  # type: ignore[arg-type]
        os.umask(self._umask_before)
        # Ctrl-C also reaches our children, and other code may catch it: their failures are only its effect.
        if not isinstance(error, Interrupted):
            self._raise_if_interrupted()

    def start(self, service: Launch) -> Started:
        """Start one service and record it, so that `make stop` finds it even if this process dies."""
        # An interrupt between the start and the record would leave an unknown process.
        # Blocking the signals would be simpler, but the service would inherit that.
        self._starting = True
        try:
            started = processes.launch(service)
            self.services[service.name] = started
            self._record()
        finally:
            self._starting = False
        self._raise_if_interrupted()
        return started

    def remove_at_end(self, folder: Path) -> None:
        """Remove `folder`, which is outside of `.local`, if the services have left it empty."""
        self._folders.append(folder)

    def show_ui(self, address: str) -> None:
        """Record the address of the UI for other commands while this stack runs."""
        self.ui = address
        self._record()

    def show_mock_server(self, address: str) -> None:
        """Record the address of the mock server for other commands while this stack runs."""
        self.mock_server = address
        self._record()

    def check(self) -> None:
        """Check that every service runs.

        Raises:
            Interrupted: the stack got a signal to stop.
            ServiceFailedError: a service has ended.
        """
        self._raise_if_interrupted()
        for name, started in self.services.items():
            if started.process() is None:
                raise ServiceFailedError(name, "ended unexpectedly", self.settings.log_of(name))

    def wait_for(self, service: str, ready: Callable[[], bool], seconds: float) -> None:
        """Poll `ready` until it is true, and check the services meanwhile.

        Raises:
            ServiceFailedError: a service ended, or `service` was not ready within `seconds`.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise ServiceFailedError(
                    service, f"was not ready within {seconds:.0f} s", self.settings.log_of(service)
                )
            time.sleep(POLL)

    def listens(self, service: str) -> bool:
        """Whether the service itself accepts TCP connections: another server may have taken its port."""
        return any(
            connection.status == psutil.CONN_LISTEN
            for process in self.services[service].everything()
            for connection in processes.connections(process)
        )

    def watch(self) -> None:
        """Wait until the user stops the stack.

        Raises:
            ServiceFailedError: a service has ended on its own.
        """
        while True:
            self.check()
            time.sleep(1)

    def _interrupt(self, signum: int, _frame: FrameType | None) -> None:
        self._interrupted_by = signum
        if not self._starting:
            raise Interrupted(signum)

    def _raise_if_interrupted(self) -> None:
        if self._interrupted_by is not None:
            raise Interrupted(self._interrupted_by)

    def _record(self) -> None:
        me = psutil.Process()
        runner = Started(RUNNER, me.pid, me.create_time(), grace=RUNNER_GRACE)
        State(runner, list(self.services.values()), self.ui, self.mock_server).write(self.settings.state)


def stop_running(settings: Settings) -> bool:
    """Stop the stack of this checkout, even if its runner was killed. False if there was none."""
    state = State.read(settings.state)
    if state is None:
        return False
    runner = state.runner.process()
    if runner is not None and _is_locked(settings):
        runner.send_signal(signal.SIGTERM)
        psutil.wait_procs([runner], timeout=state.runner.grace)
    stop_leftovers(settings)
    return True


def stop_leftovers(settings: Settings) -> None:
    """Stop the services in the state file, and delete the file."""
    state = State.read(settings.state)
    if state is not None:
        _stop_in_order(state.services)
        settings.state.unlink(missing_ok=True)


def _stop_in_order(services: Iterable[Started]) -> None:
    # Airflow's components need the API server and the database, so these two stop last.
    waves: dict[int, list[Started]] = {0: [], 1: [], 2: []}
    for service in services:
        waves[{"api-server": 1, "mock_server": 1, "postgres": 2}.get(service.name, 0)].append(service)
    for wave in waves.values():
        processes.stop(wave)


def _take_lock(settings: Settings) -> IO[str]:
    lock = settings.lock.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        state = State.read(settings.state)
        where = (
            f"process {state.runner.pid}, UI {state.ui or 'not up yet'}" if state else "starting or stopping"
        )
        raise AlreadyRunningError(
            f"this checkout is running already ({where})", "use it as it is, or stop it with `make stop`"
        ) from None
    return lock


def _is_locked(settings: Settings) -> bool:
    if not settings.lock.exists():
        return False
    with settings.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
