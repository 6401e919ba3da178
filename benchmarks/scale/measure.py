"""Measures a function in a process of its own: wall time, processor time, memory, and the server's time."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table


@dataclass(frozen=True)
class Cost:
    """What a stage took: seconds by the clock, of our processor, of PostgreSQL's; megabytes at the peak."""

    wall: float
    cpu: float
    server: float
    peak: float


def measured(function: Callable[..., None], *arguments: object, server: int | None = None) -> Cost:
    """The cost of a call in a new process; `server` is the process id of PostgreSQL.

    Imports count: a task of Airflow has most of them, but a peak of memory includes them everywhere.
    """
    before = spent(server)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        wall, cpu, peak = pool.submit(_run, function, arguments).result()
    return Cost(wall, cpu, spent(server) - before, peak)


def add(table: Table, cities: int, stage: str, cost: Cost, base: Cost | None = None) -> None:
    """Add a row, with the ratios of processor time and memory to those of a base."""
    ratios = (f"{cost.cpu / base.cpu:.2f}", f"{cost.peak / base.peak:.2f}") if base else ("", "")
    numbers = (f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.server:.1f}", f"{cost.peak:.0f}")
    table.add_row(f"{cities:,}", stage, *numbers, *ratios)


def _run(function: Callable[..., None], arguments: tuple[Any, ...]) -> tuple[float, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    function(*arguments)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = next(
        line
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        if line.startswith("VmHWM")
    )
    return wall, cpu, int(peak.split()[1]) / 1024


def spent(server: int | None) -> float:
    """Processor seconds of a server and of its processes, ended ones included."""
    if server is None:
        return 0.0
    main = psutil.Process(server)
    running = main.children()
    spent = sum(main.cpu_times()[:4])
    for process in running:
        # One that has ended since counts with its parent.
        with suppress(psutil.NoSuchProcess):
            spent += sum(process.cpu_times()[:4])
    return float(spent)
