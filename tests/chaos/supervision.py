"""Injects the faults of a plan into a running stack, and counts them."""

import re
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, Final

import psutil
import requests
from sqlalchemy.exc import OperationalError

from city_indicators.core.errors import ApiError
from tests.chaos.damage import DAMAGE
from tests.chaos.plan import KILLS, SLOW_SECONDS, Event
from tests.stacks import PATIENCE_SECONDS, Running, Supervised

# The process title of a forked task, with the id of its task instance.
TASK: Final = re.compile(r"airflow worker -- [0-9a-f]{8}-")


class Chaos:
    """A running stack and its remaining faults, in order."""

    def __init__(self, running: Running, stack: Supervised, events: list[Event], seed: int) -> None:
        self.running = running
        self.stack = stack
        self.kills: Counter[str] = Counter()
        self.damaged: Counter[str] = Counter()
        self.by_hand: Counter[str] = Counter()
        self._ordered: Counter[str] = Counter()
        self._events = list(events)
        self._random = Random(seed)  # noqa: S311
        self._http = requests.Session()
        self._http.trust_env = False

    def inject(self, ended_runs: int) -> None:
        """Inject the next fault if it is due."""
        if self._events and self._events[0].runs <= ended_runs and self._injected(self._events[0]):
            self._events.pop(0)

    def injected(self) -> Counter[str]:
        """The number of failed answers by kind of fault, without faults that are still pending."""
        pending = Counter[str]()
        for fault in self._pending():
            pending[fault["kind"]] += fault["times"]
        return self._ordered - pending

    def calm(self) -> None:
        """Withdraw the faults that are still pending, which would hit the next request."""
        self._ordered = self.injected()
        url = f"{self.running.ports.mock_server_url}/_faults"
        self._http.delete(url, timeout=5).raise_for_status()

    def remaining(self) -> list[Event]:
        return list(self._events)

    def _injected(self, event: Event) -> bool:
        if event.what == "task":
            return self._kill_a_task()
        if event.what == "mock_server":
            return self._kill_the_mock_server()
        if event.what in DAMAGE:
            done = DAMAGE[event.what](self.running, self._random)
            self.damaged[event.what] += done
            return done
        if event.what in KILLS:
            self.stack.kill(event.what)
            self.kills[event.what] += 1
            return True
        fault = {"kind": event.what, "path_contains": f"/{event.source}/", "times": event.times}
        self._order({**fault, "hold_seconds": SLOW_SECONDS})
        self._ordered[event.what] += event.times
        return True

    def _kill_a_task(self) -> bool:
        try:
            scheduler = self.stack.services["scheduler"].process()
            forked = scheduler.children(recursive=True) if scheduler else []
            tasks = [process for process in forked if _is_task(process)]
            if not tasks:
                return False
            self._random.choice(sorted(tasks, key=lambda task: task.pid)).kill()
        except psutil.NoSuchProcess:
            return False
        self.kills["task"] += 1
        return True

    def _kill_the_mock_server(self) -> bool:
        """Kill the mock server, and send it its pending faults again after it restarted."""
        pending = self._pending()
        self.stack.kill("mock_server")
        self.kills["mock_server"] += 1
        self.running.wait(self._mock_server_answers)
        for fault in pending:
            self._order(fault)
        return True

    def _mock_server_answers(self) -> bool:
        try:
            self._pending()
        except requests.RequestException:
            return False
        return True

    def _pending(self) -> list[dict[str, Any]]:
        answer = self._http.get(f"{self.running.ports.mock_server_url}/_faults", timeout=5)
        answer.raise_for_status()
        return list(answer.json())

    def _order(self, fault: dict[str, Any]) -> None:
        url = f"{self.running.ports.mock_server_url}/_faults"
        self._http.post(url, json=fault, timeout=5).raise_for_status()


class Patient(Running):
    """A running stack whose API server or database may be down temporarily."""

    def wait(self, ready: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
        def answered() -> bool:
            try:
                return bool(ready())
            except (ApiError, OperationalError):
                return False

        super().wait(answered, seconds)


def _is_task(process: psutil.Process) -> bool:
    try:
        return TASK.match(" ".join(process.cmdline())) is not None
    except psutil.Error:
        return False
