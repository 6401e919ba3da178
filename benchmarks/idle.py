"""Measures the processor time of an idle stack that runs from this checkout: `make bench-idle`.

Start the stack with `make demo` or `make start` in another terminal and wait until it has loaded.
"""

import sys
import time
from typing import Final

import psutil
from rich.console import Console

from city_indicators.core.paths import PROJECT
from standalone.settings import Settings
from standalone.stack import State

SECONDS: Final = 120
AIM: Final = 0.15


def used(runner: psutil.Process) -> float:
    """Seconds of processor time of the processes of the stack, including ended child processes."""
    spent = 0.0
    for process in [runner, *runner.children(recursive=True)]:
        try:
            spent += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return spent


def main() -> None:
    """Measure and print the result."""
    state = State.read(Settings(home=PROJECT / ".local").state)
    runner = state.runner.process() if state else None
    if runner is None:
        sys.exit("no stack runs from this checkout. Next step: `make demo` in another terminal")
    before = used(runner)
    time.sleep(SECONDS)
    share = (used(runner) - before) / SECONDS
    Console().print(f"idle: {share:.1%} of one core over {SECONDS} s, at most {AIM:.0%}")


if __name__ == "__main__":
    main()
