"""Reads and validates files of cases with the DAG's code, without Airflow and without a warehouse."""

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from city_indicators.intake.best_practices.duplicates import refuse_duplicates
from city_indicators.intake.best_practices.models import COLUMNS, SEPARATOR, Case
from city_indicators.intake.best_practices.read import read
from city_indicators.intake.best_practices.vocabulary import load_code_lists


def parse(files: list[Path]) -> int:
    """Print the accepted cases as CSV, and the refused rows and the row counts to standard error.

    Each file is validated by itself: only the DAG compares cases with those in the warehouse. Returns the
    number of accepted cases.

    Raises:
        SourceContractError: a file does not have the format of the template.
        OSError: a file cannot be read at all.
    """
    code_lists = load_code_lists()
    today = datetime.now(UTC).date()
    out = csv.DictWriter(sys.stdout, [*COLUMNS, "ref_area"], lineterminator="\n")
    out.writeheader()
    accepted = 0
    for file in files:
        reading = read(file.read_bytes(), file.name, code_lists, today)
        validated = refuse_duplicates(reading, [], code_lists.vocabularies.title_likeness)
        accepted += len(validated.accepted)
        out.writerows(_cells(row.case) for row in validated.accepted)
        for refusal in validated.refused:
            print(f"refused {file.name} {refusal.line}", file=sys.stderr)
        print(
            f"{file.name}: read {validated.read} = accepted {len(validated.accepted)} "
            f"+ refused {len(validated.refused)}",
            file=sys.stderr,
        )
    return accepted


def _cells(case: Case) -> dict[str, Any]:
    return {
        column: f"{SEPARATOR} ".join(value) if isinstance(value, tuple) else value
        for column, value in case.model_dump().items()
    }
