"""Command line of the local stack; the Makefile is its only user."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from city_indicators.core.errors import CityIndicatorsError
from standalone.settings import Settings
from standalone.stack import Interrupted, stop_running

COMMANDS = ("demo", "demo-once", "start", "stop", "psql", "shell", "backup", "restore", "checksums")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="standalone", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("file", nargs="?", type=Path, help="the backup to write or to restore")
    given = parser.parse_args(arguments)
    if given.command == "restore" and given.file is None:
        parser.error("name the backup to restore: make restore FILE=…")
    console = Console(highlight=False)
    try:
        return _run(given.command, given.file, Settings(), console)
    except CityIndicatorsError as error:
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(
            f"Error: {error}", style="red"
        )
        return 1
    except Interrupted as interrupt:
        return interrupt.exit_code


def _run(command: str, file: Path | None, settings: Settings, console: Console) -> int:
    if command == "stop":
        console.print("Stopped." if stop_running(settings) else "Nothing of this checkout was running.")
    elif command == "psql":
        from standalone import databases, postgres

        postgres.psql(postgres.find(settings), databases.WAREHOUSE)
    elif command == "shell":
        from standalone.shell import open_shell

        open_shell(settings)
    elif command in {"backup", "restore", "checksums"}:
        _keep(command, file, settings)
    else:
        from standalone.demo import Mode, run

        return run(settings, Mode(sample=command != "start", stay=command != "demo-once"), console)
    return 0


def _keep(command: str, file: Path | None, settings: Settings) -> None:
    from standalone import backup

    console = Console(highlight=False, markup=False, soft_wrap=True)
    if command == "checksums":
        from city_indicators.warehouse.checksums import checksums

        with backup.open_warehouse(settings) as url:
            for line in checksums(url):
                console.print(*line)
    elif command == "restore" and file:
        fit = backup.restore(settings, file)
        console.print(f"Restored the warehouse of {file}.")
        console.print(fit)
    else:
        target = file or backup.default_file(datetime.now(UTC))
        with backup.open_warehouse(settings) as url:
            backup.back_up(url, target)
            fit = backup.fit(url, settings.archive)
        console.print(f"Wrote the warehouse to {target}, {backup.size(target):.1f} MB.")
        console.print(f"Copy as well {settings.archive}, {backup.size(settings.archive):.1f} MB.")
        console.print(fit)


if __name__ == "__main__":
    sys.exit(main())
