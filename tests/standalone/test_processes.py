"""Starting and stopping: all processes of a service end, and no others."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from standalone import processes
from standalone.processes import Launch, Started

FAMILY = """
import os, signal, subprocess, sys, time
child = [sys.executable, "-c", "import time; time.sleep(60)"]
same_group = subprocess.Popen(child)
own_group = subprocess.Popen(child, process_group=0)
own_session = subprocess.Popen(child, start_new_session=True)
if {stubborn}:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(same_group.pid, own_group.pid, own_session.pid, flush=True)
time.sleep(60)
"""


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def start_family(folder: Path, *, stubborn: bool = False) -> tuple[Started, list[int]]:
    log = folder / "family.log"
    command = [sys.executable, "-c", FAMILY.format(stubborn=stubborn)]
    started = processes.launch(Launch("family", command, log, dict(os.environ), grace=0.5))
    until(lambda: log.read_text().endswith("\n"))
    return started, [int(pid) for pid in log.read_text().split()]


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("stubborn", [False, True])
def test_stop_ends_every_child_whatever_its_group_or_session(tmp_path: Path, stubborn: bool) -> None:
    started, children = start_family(tmp_path, stubborn=stubborn)
    assert all(map(alive, [started.pid, *children]))
    processes.stop([started])
    assert not any(map(alive, [started.pid, *children]))


def test_stop_ends_the_session_of_a_leader_that_is_gone(tmp_path: Path) -> None:
    started, children = start_family(tmp_path)
    os.kill(started.pid, signal.SIGKILL)
    os.waitpid(started.pid, 0)
    processes.stop([started])
    assert not any(map(alive, children[:2]))
    os.kill(children[2], signal.SIGKILL)  # its own session and no parent: it cannot be found


def test_a_pid_that_belongs_to_someone_else_by_now_is_left_alone() -> None:
    bystander = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True
    )
    try:
        created = psutil.Process(bystander.pid).create_time()
        recorded = Started("ours", bystander.pid, created - 3600)
        assert recorded.process() is None
        processes.stop([recorded])
        assert bystander.poll() is None
        assert replace(recorded, created=created).process() is not None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_process_that_has_ended_has_no_connections() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        ended = psutil.Process(child.pid)
        until(lambda: ended.status() == psutil.STATUS_ZOMBIE)
        assert processes.connections(ended) == []


def test_a_service_starts_with_default_signal_handling(tmp_path: Path) -> None:
    log = tmp_path / "mask.log"
    command = [sys.executable, "-c", "import signal; print(len(signal.pthread_sigmask(0, [])))"]
    processes.launch(Launch("mask", command, log, dict(os.environ)))
    until(lambda: log.read_text() != "")
    assert log.read_text() == "0\n"


def test_keeps_the_log_of_the_last_start(tmp_path: Path) -> None:
    log = tmp_path / "echo.log"
    for word in ("first", "second"):
        command = [sys.executable, "-c", f"print('{word}')"]
        processes.launch(Launch("echo", command, log, dict(os.environ)))
        until(lambda: log.read_text() != "")
    assert (tmp_path / "echo.previous.log").read_text() == "first\n"
    assert log.read_text() == "second\n"
