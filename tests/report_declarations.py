"""Copies of include/sql/reports with one text changed."""

import shutil
from pathlib import Path

from city_indicators.warehouse.report_tables import REPORTS


def edited_reports(folder: Path, file: str, before: str, after: str) -> Path:
    """The copy of include/sql/reports in `folder` (created if missing) with one text changed."""
    copy = folder / "reports"
    if not copy.exists():
        shutil.copytree(REPORTS, copy)
    content = (copy / file).read_text(encoding="utf-8")
    assert content.count(before) == 1, before
    (copy / file).write_text(content.replace(before, after), encoding="utf-8")
    return copy
