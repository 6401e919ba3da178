"""Waits for what a running demo does."""

import time
from collections.abc import Callable


def until(ready: Callable[[], object], seconds: float) -> None:
    """Look every half second until something is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.5)
