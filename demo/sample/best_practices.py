"""Compiles the best practices of the sample: the Guangzhou Award, openings of metros, World Bank projects.

The facts of each row were compiled from published pages, with the page's address as the link. Cells without
published information are empty: most of the award's lists name only the city.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from city_indicators.catalog import Catalogue
from city_indicators.catalog.vocabularies import load_vocabularies
from city_indicators.sources.places import folded
from demo.sample.citations import TABLES
from demo.sample.files import compile_file
from demo.sample.publishers import SourceFileError, read_table

FILE: Final = "guangzhou_award/guangzhou_award.csv"
STAGE_OF_ROLE: Final = {
    "winner": "winner",
    "shortlisted": "shortlisted",
    "medal of honor": "medal",
    "online popular city": "online_popular_city",
    "special mention": "special_mention",
}
CUT_OFF: Final = "[text cut]"
"""Marks the fifth winner of 2012, whose name is cut off on the stored page: it is left out."""

METRO: Final = "metro_systems"
OPENED_FROM: Final = 2000
"""The sample has annual data of our cities from this year on."""
MOVED: Final = "POP_AGGLO"
NOTE: Final = (
    "Not an entry of the award. The year is that of Wikipedia's List of metro systems (CC BY-SA 4.0). "
    "DRAFT: whether a first metro changes the population is our research question, not a finding of the list."
)

PROJECTS: Final = "worldbank_ieg_projects/cases.csv"
PROJECT: Final = (
    "Not an entry of the award. World Bank project {project_id}, approved in fiscal year {approval_fy}"
    "{closed}; field: {field}. The outcome is rated by the Independent Evaluation Group ({evaluation_type}, "
    "fiscal year {evaluation_fy}) against the aims of the project, not of the city. The title is the "
    "publisher's. Source: World Bank, IEG World Bank Project Performance Ratings, as of 15 January 2026 "
    "(CC BY 4.0)."
)


def compile_cases(folder: Path, countries: Mapping[str, str]) -> pd.DataFrame:
    """The rows of the file that name a city, with the columns and terms of the best-practice template.

    `countries` are English names by code.

    Raises:
        SourceFileError: the file is absent, or has an unknown role or country, or two entries of one city and
            year.
    """
    table = read_table(folder / FILE)
    table = table[~table["city"].str.contains(CUT_OFF, regex=False)]
    codes = {name: code for code, name in countries.items()}
    cases = pd.DataFrame(
        {
            "case_id": [_slug(year, city) for year, city in zip(table["year"], table["city"], strict=True)],
            "city": table["city"],
            "country": _known(table["country"], codes, "country"),
            "name_en": table["initiative"],
            "cycle": table["cycle"],
            "stage": _known(table["role"], STAGE_OF_ROLE, "role"),
            "links": table["source_url"],
            "note": table["note"],
        }
    )
    if (again := cases["case_id"].duplicated()).any():
        raise SourceFileError(
            f"{FILE}: two entries for {cases['case_id'][again].iloc[0]}; make them distinct"
        )
    return _as_template(cases)


def compile_openings(folder: Path, catalogue: Catalogue) -> pd.DataFrame:
    """The first metro of each of our cities that opened since OPENED_FROM, with the columns of the template.

    The link to the indicator is our own addition, and every row states that.
    """
    citation = TABLES[METRO]
    file = folder / citation.file
    ours = compile_file(METRO, file, citation, catalogue)[["ref_area", "city", "country"]].drop_duplicates()
    systems = read_table(file).merge(ours, on=["city", "country"]).astype({"service_opened": int})
    first = systems.sort_values(["service_opened", "ref_area"]).drop_duplicates("ref_area")
    first = first[first["service_opened"] >= OPENED_FROM]
    cities = first["ref_area"].map(catalogue.cities)
    cases = pd.DataFrame(
        {
            "case_id": "metro-" + first["service_opened"].astype(str) + "-" + first["ref_area"],
            "city": [city.name_en for city in cities],
            "country": [city.country for city in cities],
            "name_en": first["name"] + " opens",
            "start_year": first["service_opened"],
            "indicator": MOVED,
            "links": citation.url,
            "note": NOTE,
        }
    )
    return _as_template(cases)


def compile_projects(folder: Path, catalogue: Catalogue) -> pd.DataFrame:
    """The World Bank's rated projects in our cities, with the columns of the template.

    Projects of a region or of several places are left out. The year is that of the approval, the title is
    followed by the project's id, because phases have the same or a similar one. The publisher's
    fields are other ones than the template's, so the note has them.
    """
    projects = read_table(folder / PROJECTS)
    projects = projects[projects["scope"] == "city"]
    cases = pd.DataFrame(
        {
            "case_id": projects["case_id"],
            "city": [catalogue.cities[ref_area].name_en for ref_area in projects["ref_area"]],
            "country": projects["country"],
            "name_en": projects["title"] + " (" + projects["project_id"] + ")",
            "status": projects["closing_fy"].map(lambda year: "completed" if year else ""),
            "start_year": projects["approval_fy"],
            "outcome": projects["outcome"],
            "links": projects["link"],
            "note": [_project_note(row) for _, row in projects.iterrows()],
        }
    )
    return _as_template(cases)


def _project_note(row: "pd.Series[str]") -> str:
    closed = f", closed in {row['closing_fy']}" if row["closing_fy"] else ""
    given = {str(column): text for column, text in row.items()}
    return PROJECT.format(**{**given, "closed": closed, "field": row["field"] or "not stated"})


def _as_template(cases: pd.DataFrame) -> pd.DataFrame:
    return cases.reindex(columns=list(load_vocabularies().columns), fill_value="")


def _slug(year: str, city: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", folded(city)).strip("-")
    return f"guangzhou-award-{year}-{words}"


def _known(texts: pd.Series, terms: dict[str, str], column: str) -> pd.Series:
    found = texts.map(terms)
    if found.isna().any():
        unknown = texts[found.isna()].iloc[0]
        raise SourceFileError(f"{FILE}: the {column} {unknown!r} is unknown; add it or correct the file")
    return found
