"""Command line of the local stack; the Makefile is its only user."""

import argparse
import sys

from rich.console import Console

from city_indicators.local.errors import LocalStackError
from city_indicators.local.settings import Settings
from city_indicators.local.stack import stop_running

COMMANDS = ("demo", "demo-once", "start", "stop", "psql", "shell")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="city_indicators.local", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    command = parser.parse_args(arguments).command
    settings = Settings()
    console = Console(highlight=False)
    try:
        return _run(command, settings, console)
    except LocalStackError as error:
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(
            f"Error: {error}", style="red"
        )
        return 1


def _run(command: str, settings: Settings, console: Console) -> int:
    if command == "stop":
        console.print("Stopped." if stop_running(settings) else "Nothing of this checkout was running.")
    elif command == "psql":
        from city_indicators.local import databases, postgres

        postgres.psql(postgres.find(settings), databases.WAREHOUSE, "researcher")
    elif command == "shell":
        from city_indicators.local.shell import open_shell

        open_shell(settings)
    else:
        from city_indicators.local.demo import Mode, run

        return run(settings, Mode(sample=command != "start", stay=command != "demo-once"), console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
