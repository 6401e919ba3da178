"""One stack per checkout; its services end with it, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from standalone.errors import AlreadyRunningError, ServiceFailedError
from standalone.processes import Launch
from standalone.settings import Settings
from standalone.stack import Interrupted, Stack, State, stop_running

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
RUNNER = """
import os, sys, time
from contextlib import suppress
from pathlib import Path
from standalone.processes import Launch
from standalone.settings import Settings
from standalone.stack import Stack
settings = Settings(home=Path(sys.argv[1]))
with Stack(settings) as stack:
    log = settings.log_of("sleep")
    started = stack.start(Launch("sleep", [sys.executable, "-c", "import time; time.sleep(60)"], log, {}))
    print(started.pid, flush=True)
    stack.watch()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / ".local")


def sleeper(settings: Settings) -> Launch:
    return Launch("sleep", SLEEP, settings.log_of("sleep"), dict(os.environ))


def start_and_send(stack: Stack, settings: Settings, signum: signal.Signals) -> None:
    stack.start(sleeper(settings))
    os.kill(os.getpid(), signum)
    time.sleep(5)


def swallow_and_fail(stack: Stack) -> None:
    with suppress(Interrupted):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
    raise ServiceFailedError("child", "got the same signal", stack.settings.log_of("child"))


def running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def start_runner(settings: Settings) -> tuple[subprocess.Popen[str], int]:
    env = {**os.environ, "PYTHONPATH": str(settings.plugins)}
    command = [sys.executable, "-c", RUNNER, str(settings.home)]
    runner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    assert runner.stdout
    return runner, int(runner.stdout.readline())


def test_the_end_of_the_block_stops_the_services_and_forgets_them(settings: Settings) -> None:
    with Stack(settings) as stack:
        started = stack.start(sleeper(settings))
        state = State.read(settings.state)
        assert state is not None
        assert state.services == [started]
    assert not running(started.pid)
    assert not settings.state.exists()
    assert not stop_running(settings)


def test_an_error_in_the_block_stops_the_services(settings: Settings) -> None:
    stack = Stack(settings)
    with pytest.raises(ZeroDivisionError), stack:
        raise ZeroDivisionError(stack.start(sleeper(settings)))
    started = stack.services["sleep"]
    assert not running(started.pid)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_services(settings: Settings, signum: signal.Signals) -> None:
    before = signal.getsignal(signum)
    stack = Stack(settings)
    with pytest.raises(Interrupted) as caught, stack:
        start_and_send(stack, settings, signum)
    started = stack.services["sleep"]
    assert caught.value.exit_code == 128 + signum
    assert not running(started.pid)
    assert signal.getsignal(signum) == before


def test_a_signal_that_other_code_swallows_still_ends_the_stack(settings: Settings) -> None:
    with pytest.raises(Interrupted), Stack(settings) as stack:
        swallow_and_fail(stack)


def test_a_second_stack_of_the_checkout_is_refused(settings: Settings) -> None:
    with Stack(settings) as stack:
        stack.show_ui("http://127.0.0.1:1234")
        with pytest.raises(AlreadyRunningError, match=r"http://127\.0\.0\.1:1234.*\n.*make stop"):
            Stack(settings).__enter__()


def test_stop_ends_a_running_stack(settings: Settings) -> None:
    runner, service = start_runner(settings)
    assert stop_running(settings)
    runner.wait(timeout=10)
    assert not running(service)


def test_stop_ends_what_a_killed_runner_left(settings: Settings) -> None:
    runner, service = start_runner(settings)
    runner.kill()
    runner.wait()
    assert running(service)
    assert stop_running(settings)
    assert not running(service)
    assert not settings.state.exists()


def test_the_next_start_ends_what_a_killed_runner_left(settings: Settings) -> None:
    runner, service = start_runner(settings)
    runner.kill()
    runner.wait()
    with Stack(settings):
        assert not running(service)


def test_a_service_that_ends_is_named_with_its_log(settings: Settings) -> None:
    log = settings.log_of("broken")
    with Stack(settings) as stack:
        command = [sys.executable, "-c", "raise SystemExit('no such thing')"]
        stack.start(Launch("broken", command, log, dict(os.environ)))
        with pytest.raises(ServiceFailedError, match=r"(?s)broken ended.*no such thing.*broken\.log"):
            stack.wait_for("broken", lambda: False, seconds=30)


def test_a_service_that_is_not_ready_in_time_is_named(settings: Settings) -> None:
    with Stack(settings) as stack:
        stack.start(sleeper(settings))
        with pytest.raises(ServiceFailedError, match="sleep was not ready within 0 s"):
            stack.wait_for("sleep", lambda: False, seconds=0.1)


def test_the_port_of_another_server_is_not_that_of_a_service(settings: Settings) -> None:
    serve = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); time.sleep(600)"
    command = [sys.executable, "-c", serve]
    with socket.create_server(("127.0.0.1", 0)), Stack(settings) as stack:
        stack.start(sleeper(settings))
        stack.start(Launch("server", command, settings.log_of("server"), dict(os.environ)))
        stack.wait_for("server", lambda: stack.listens("server"), seconds=60)
        assert not stack.listens("sleep")
