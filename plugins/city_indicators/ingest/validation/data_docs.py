"""Builds Data Docs, the pages with validation results, from quality.validation."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from city_indicators.core.runs import run_address
from city_indicators.ingest.validation.data_docs_site import Site

RELEASE: Final = "release.txt"
"""Says what the pages were made with."""
STYLE: Final = Path(__file__).with_name("data_docs.css")
INDEX: Final = Path(__file__).with_name("data_docs_index.html")
HEAD: Final = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body>
"""
LINKS: Final = """\
<h1>{suite}</h1>
<p><a href="{root}../loads/{load_id}">Load {load_id}</a>: {rejected_rows} of {read_rows} rows rejected ·
<a data-airflow href="{root}../../{run}">{dag_id}, {run_id}</a> ·
<a href="{root}{page_of_load}">all checks of the load</a> · <a href="{root}index.html">all loads</a></p>
"""
IDLE: Final = re.compile(
    r"^.*?(?=<div class=\"container-fluid )"
    r"|<script\b.*?</script>|<footer>.*?</footer>|<div class=\"card mb-3\">.*?(?=<div class=\"card )"
    r"|<a data-toggle=.*?</a>|<a href=\"[^\"]*/expectations/[^\"]*\"[^>]*>([^<]*)</a>",
    re.DOTALL,
)
"""What does nothing here: it needs scripts or pages of Great Expectations that the site lacks."""
PARTIAL: Final = ("unexpected_index_list", "unexpected_index_query")
"""Lists with one row of each kind (`suite.run`): with them a page would count kinds, not rows."""


def build(validations: pd.DataFrame, rejected: pd.DataFrame, site: Site) -> None:
    """Build the site anew and replace the old one in one step.

    `validations` has the columns of include/sql/docs/recent_validations.sql, where `result` is the document
    of one suite; `rejected` has those of include/sql/docs/rejected_rows.sql. The pages request nothing from
    other hosts: of each page of Great Expectations only the content is used, and its index is replaced by
    one that needs no script. A result never changes, so its page is taken from the old site if the same
    release made it; of a hundred loads, only the new ones are rendered.
    """
    with tempfile.TemporaryDirectory() as scratch:
        pages = Path(scratch) / "pages"
        made = _release()
        pages.mkdir()
        kept = site.read(RELEASE) == made
        if kept:
            site.unpack(pages)
        rows = validations.to_dict("records")
        fresh = [row for row in rows if not _folder(row, pages).exists()]
        if fresh:
            _add(fresh, Path(scratch) / "gx", pages)
        _remove_others(rows, pages)
        _write_indexes(rows, rejected, pages)
        (pages / RELEASE).write_bytes(made)
        site.put(pages)


def _release() -> bytes:
    """Identifies what pages are made with: Great Expectations, this module and the style."""
    made_with = version("great_expectations").encode(), Path(__file__).read_bytes(), STYLE.read_bytes()
    return hashlib.sha256(b"".join(made_with)).hexdigest().encode()


def _folder(row: dict[Any, Any], pages: Path) -> Path:
    """The folder with the page of a result."""
    return pages.joinpath("validations", *row["suite"].split("."), f"load-{row['load_id']}")


def _add(rows: list[dict[Any, Any]], root: Path, pages: Path) -> None:
    """Render results, and put their finished pages among the others."""
    _render(rows, root)
    made = root / "gx" / "uncommitted" / "data_docs" / "local_site"
    for row in rows:
        page = _page(row, made)
        address = _address(page, made)
        finished = pages / address
        finished.parent.mkdir(parents=True)
        text = page.read_text(encoding="utf-8")
        finished.write_text(_finished(text, row | {"page": address}), encoding="utf-8")


def _remove_others(rows: list[dict[Any, Any]], pages: Path) -> None:
    """Remove pages of loads that are no longer among the latest."""
    shown = {_folder(row, pages) for row in rows}
    for folder in {*pages.glob("validations/**/load-*")} - shown:
        shutil.rmtree(folder)
    shutil.rmtree(pages / "loads", ignore_errors=True)


def _page(row: dict[Any, Any], pages: Path) -> Path:
    return next(_folder(row, pages).rglob("*.html"))


def _address(page: Path, pages: Path) -> str:
    """The path of a page, relative to the root of the site."""
    return page.relative_to(pages).as_posix()


def _render(rows: list[dict[Any, Any]], root: Path) -> None:
    import great_expectations as gx
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    context: Any = gx.get_context(mode="file", project_root_dir=str(root))
    context.variables.progress_bars = {"globally": False}
    for row in rows:
        result = expectationSuiteValidationResultSchema.load(row["result"])
        run = RunIdentifier(run_name=f"load-{row['load_id']}", run_time=row["validated_at"])
        result.meta["run_id"] = run
        for outcome in result.results:
            for name in PARTIAL:
                outcome.result.pop(name, None)
        key = ValidationResultIdentifier(
            expectation_suite_identifier=ExpectationSuiteIdentifier(row["suite"]),
            run_id=run,
            batch_identifier="load",
        )
        context.validation_results_store.set(key, result)
    context.build_data_docs()


def page_of_load(load_id: int) -> str:
    """The path of a load's page, relative to the root of the site."""
    return f"loads/{load_id}.html"


def _write_indexes(rows: list[dict[Any, Any]], rejected: pd.DataFrame, pages: Path) -> None:
    listed = [row | {"page": _address(_page(row, pages), pages)} for row in rows]
    (pages / "index.html").write_text(_index(listed), encoding="utf-8")
    for load_id in dict.fromkeys(row["load_id"] for row in listed):
        page = pages / page_of_load(load_id)
        page.parent.mkdir(exist_ok=True)
        of_load = [row for row in listed if row["load_id"] == load_id]
        examples = rejected[rejected["load_id"] == load_id].to_dict("records")
        page.write_text(_index(of_load, load_id, examples, root="../"), encoding="utf-8")


def _index(
    rows: list[dict[Any, Any]],
    load_id: int | None = None,
    rejected: Sequence[dict[Any, Any]] = (),
    root: str = "",
) -> str:
    template = Environment(autoescape=True).from_string(INDEX.read_text(encoding="utf-8"))
    head = _head(f"Data Docs, load {load_id}" if load_id else "Data Docs")
    return template.render(
        rows=rows, load_id=load_id, rejected=rejected, root=root, head=head, run_of=_run_of
    )


def _finished(page: str, row: dict[Any, Any]) -> str:
    """The content of a page of Great Expectations, headed by its load and run."""
    links = Markup(LINKS).format(  # noqa: S704 - our own text
        **row,
        root="../" * row["page"].count("/"),
        run=_run_of(row),
        page_of_load=page_of_load(row["load_id"]),
    )
    head = _head(f"{row['suite']}, load {row['load_id']}")
    content = IDLE.sub(lambda found: found[1] or "", page)
    return f"{head}{links}{content}"


def _head(title: str) -> Markup:
    style = Markup(STYLE.read_text(encoding="utf-8"))  # noqa: S704 - our own file
    return Markup(HEAD).format(title=title, style=style)  # noqa: S704 - our own text


def _run_of(row: dict[Any, Any]) -> str:
    """The run of a load, relative to the root of the web UI."""
    return run_address(row["dag_id"], row["run_id"])
