"""Commands for data engineers: `python -m city_indicators --help`."""

import argparse
import sys
from pathlib import Path
from typing import Final

from city_indicators.analytics.ratings import command as ratings
from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.core.archive import Archive
from city_indicators.core.errors import CityIndicatorsError
from city_indicators.delivery.documents import command as documents
from city_indicators.delivery.exports import command as exports
from city_indicators.delivery.metrics import command as metrics
from city_indicators.delivery.site import command as sites
from city_indicators.ingest import archive_command
from city_indicators.ingest.backfill import command as backfills
from city_indicators.ingest.parse import OBSERVATION_COLUMNS, parse_files
from city_indicators.intake.best_practices import command as best_practices
from city_indicators.intake.best_practices import template as best_practices_template
from city_indicators.intake.best_practices.sheet import SOURCE as BEST_PRACTICES
from city_indicators.intake.submissions import form as submission_form
from city_indicators.orchestration.address import ADDRESS, address
from city_indicators.orchestration.formats import register_formats

TEMPLATES: Final = ("best_practices", "submission")
VERBS: Final = {"archive": "confirm the archive", "parse": "read", "plan": "plan", "rate": "rate"}
EXPECTED_ERRORS: Final = (CityIndicatorsError, OSError)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if it succeeded, 1 if it has no result, 2 if a file cannot be read or written."""
    try:
        catalogue = load_catalogue()
    except EXPECTED_ERRORS as error:
        return _fail("read", error)
    chosen = _parser(catalogue).parse_args(arguments)
    try:
        return _run(chosen, catalogue)
    except EXPECTED_ERRORS as error:
        return _fail(VERBS.get(chosen.command, "write"), error)


def _fail(verb: str, error: Exception) -> int:
    print(f"cannot {verb}: {error}", file=sys.stderr)
    return 2


def _parser(catalogue: Catalogue) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m city_indicators", description="City indicators.")
    commands = parser.add_subparsers(dest="command", required=True)
    parse = commands.add_parser(
        "parse",
        help="turn a source's files or saved answers into normalised observations (CSV on standard output)",
    )
    parse.add_argument("source", choices=sorted([*catalogue.sources, BEST_PRACTICES]))
    parse.add_argument("files", nargs="+", type=Path, metavar="FILE")
    template = commands.add_parser("template", help="write an empty form to fill in, .csv or .xlsx")
    template.add_argument("kind", choices=TEMPLATES)
    template.add_argument("out", type=Path, metavar="OUT")
    template.add_argument("--city", default="", help="submission: the city, for example moscow")
    template.add_argument("--period", default="", help="submission: the year reported on")
    export = commands.add_parser("export", help="write report tables or observations to a file")
    exports.configure(export)
    ratings.configure(commands.add_parser("rate", help="rate units by a method, from CSV to CSV"))
    plan = commands.add_parser("plan", help="preview a backfill: its requests and what would change")
    backfills.configure(plan, catalogue)
    archive = commands.add_parser("archive", help="compare the archive with the ledger, and heal it")
    archive_command.configure(archive)
    document = commands.add_parser("document", help="write a document of an edition as PDF, DOCX or HTML")
    documents.configure(document)
    site = commands.add_parser("site", help="write an edition as static pages in all languages")
    sites.configure(site)
    served = commands.add_parser("metrics", help="serve the metrics of the pipeline to Prometheus")
    metrics.configure(served)
    for command in (export, plan, archive, document, site, served):
        default = f"by default {ADDRESS}, else the Airflow connection `warehouse`"
        command.add_argument("--warehouse", metavar="URL", help=default)
    return parser


def _run(chosen: argparse.Namespace, catalogue: Catalogue) -> int:
    if chosen.command == "export":
        return exports.run(chosen, address(chosen.warehouse))
    if chosen.command == "document":
        return documents.run(chosen, address(chosen.warehouse))
    if chosen.command == "site":
        return sites.run(chosen, address(chosen.warehouse), _archive())
    if chosen.command == "metrics":
        return metrics.run(chosen, catalogue, address(chosen.warehouse))
    if chosen.command == "plan":
        return backfills.run(chosen, catalogue, address(chosen.warehouse), _archive())
    if chosen.command == "archive":
        return archive_command.run(catalogue, address(chosen.warehouse), _archive())
    if chosen.command == "rate":
        return ratings.run(chosen)
    if chosen.command == "template":
        return _template(chosen.kind, chosen.out, catalogue, chosen.city, chosen.period)
    return _parse(chosen.source, chosen.files, catalogue)


def _archive() -> Archive:
    from city_indicators.orchestration.connections import archive_root

    return Archive(archive_root())


def _template(kind: str, out: Path, catalogue: Catalogue, city: str, period: str) -> int:
    if kind == "submission":
        submission_form.write(out, catalogue, city, period)
    else:
        best_practices_template.write(out)
    return 0


def _parse(source_id: str, files: list[Path], catalogue: Catalogue) -> int:
    if source_id == BEST_PRACTICES:
        return 0 if best_practices.parse(files) else 1
    register_formats()
    parsed = parse_files(source_id, files, catalogue)
    parsed.accepted[OBSERVATION_COLUMNS].to_csv(sys.stdout, index=False, lineterminator="\n")
    for row in parsed.rejected.to_dict("records"):
        print(f"rejected {row['url']} {row['pointer']}: {row['rule']}: {row['reason']}", file=sys.stderr)
    for (country, place), records in parsed.unmatched.items():
        print(f"unmatched {country} {place}: {records} records", file=sys.stderr)
    print(parsed.summary(), file=sys.stderr)
    return 1 if parsed.accepted.empty else 0


if __name__ == "__main__":
    sys.exit(main())
