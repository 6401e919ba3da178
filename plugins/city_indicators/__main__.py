"""Commands for data engineers: `python -m city_indicators --help`."""

import argparse
import sys
from pathlib import Path

from city_indicators.catalog import load_catalogue
from city_indicators.errors import CityIndicatorsError
from city_indicators.parsing import OBSERVATION_COLUMNS, parse_files


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if it succeeded, 2 if an input cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m city_indicators", description="City indicators.")
    commands = parser.add_subparsers(dest="command", required=True)
    parse = commands.add_parser(
        "parse", help="turn a source's files or saved answers into tidy observations (CSV on standard output)"
    )
    parse.add_argument("source", choices=sorted(load_catalogue().sources))
    parse.add_argument("files", nargs="+", type=Path, metavar="FILE")
    chosen = parser.parse_args(arguments)
    try:
        return _parse(chosen.source, chosen.files)
    except (CityIndicatorsError, OSError) as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return 2


def _parse(source_id: str, files: list[Path]) -> int:
    parsed = parse_files(source_id, files, load_catalogue())
    parsed.accepted[OBSERVATION_COLUMNS].to_csv(sys.stdout, index=False, lineterminator="\n")
    for row in parsed.rejected.to_dict("records"):
        print(f"rejected {row['url']} {row['pointer']}: {row['rule']}: {row['reason']}", file=sys.stderr)
    for (country, place), records in parsed.unmatched.items():
        print(f"unmatched {country} {place}: {records} records", file=sys.stderr)
    print(parsed.summary(), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
