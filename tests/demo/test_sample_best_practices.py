"""The sample's cases are exactly the facts of the award's file and of the list of metros."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from city_indicators.catalog import load_catalogue
from city_indicators.intake.best_practices.duplicates import refuse_duplicates
from city_indicators.intake.best_practices.read import read
from city_indicators.intake.best_practices.vocabulary import load_code_lists
from demo.paths import SAMPLE
from demo.sample.best_practices import FILE, METRO, PROJECTS, compile_cases, compile_openings
from demo.sample.citations import TABLES
from demo.sample.publishers import SourceFileError
from demo.sample.table import read_text_csv

CODE_LISTS = load_code_lists()


@pytest.fixture
def cases() -> pd.DataFrame:
    return read_text_csv(SAMPLE / "best_practices.csv").set_index("case_id")


def test_every_complete_row_is_a_case(shared: Path, cases: pd.DataFrame) -> None:
    table = read_text_csv(shared / "data" / FILE)
    assert len(table) == 53
    complete = table[table["city"] != "V[text cut]"]
    assert cases["city"].tolist() == complete["city"].tolist()
    assert cases["links"].tolist() == complete["source_url"].tolist()
    validated = read(
        (SAMPLE / "best_practices.csv").read_bytes(), "best_practices.csv", CODE_LISTS, date(2026, 1, 1)
    )
    assert (len(validated.accepted), validated.refused) == (52, ())


def test_facts_are_as_published_and_the_rest_is_empty(cases: pd.DataFrame) -> None:
    assert cases["stage"].value_counts().to_dict() == {
        "winner": 29,
        "medal": 10,
        "shortlisted": 10,
        "online_popular_city": 2,
        "special_mention": 1,
    }
    milan = cases.loc["guangzhou-award-2018-milan"]
    assert milan["name_en"].startswith("Milan Food Policy: An Innovative Framework")
    assert (milan["country"], milan["cycle"]) == ("ITA", "4")
    silent = ["name_ru", "name_zh", "status", "field", "innovation_type", "sdgs", "start_year", "outcome"]
    assert (cases[silent] == "").all(axis=None)
    assert cases.loc["guangzhou-award-2012-seoul", "name_en"] == ""
    assert cases.loc["guangzhou-award-2023-ramallah", "country"] == "PSE"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("winner", "victor", "the role 'victor' is unknown"),
        ("Malawi", "Malavi", "the country 'Malavi' is unknown"),
        ("Lilongwe", "Kocaeli", "two entries for guangzhou-award-2012-kocaeli"),
    ],
)
def test_refuses_unknown_texts(shared: Path, tmp_path: Path, before: str, after: str, message: str) -> None:
    text = (shared / "data" / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(SourceFileError) as caught:
        compile_cases(tmp_path, CODE_LISTS.countries)
    # Kocaeli is given twice with two countries: the country is validated only after the city.
    assert message in str(caught.value)


def test_metro_openings_are_the_first_of_each_city_with_a_draft_link(
    shared: Path,
) -> None:
    openings = read_text_csv(SAMPLE / "metro_openings.csv")
    validated = read((SAMPLE / "metro_openings.csv").read_bytes(), "m.csv", CODE_LISTS, date(2026, 1, 1))
    assert (len(validated.accepted), validated.refused) == (14, ())
    assert all(row.case.ref_area for row in validated.accepted)
    assert openings["note"].str.contains("Not an entry of the award.*DRAFT", regex=True).all()
    assert (openings[["cycle", "stage", "status", "field", "outcome"]] == "").all(axis=None)
    published = read_text_csv(shared / "data" / TABLES[METRO].file)
    systems = published.set_index("name")["service_opened"]
    assert openings["start_year"].tolist() == [systems[n.removesuffix(" opens")] for n in openings["name_en"]]
    # Bangkok's first system opened in 1999, its second in 2004; that of Los Angeles in 1993.
    assert "bangkok" not in set(openings["case_id"].str.split("-", n=2).str[2])


def test_projects_of_the_world_bank_are_all_cases_with_year_outcome_and_link(shared: Path) -> None:
    content = (SAMPLE / "world_bank_projects.csv").read_bytes()
    reading = read(content, "w.csv", CODE_LISTS, date(2026, 1, 1))
    likeness = CODE_LISTS.vocabularies.title_likeness
    validated = refuse_duplicates(reading, [], likeness)
    assert validated.refused == ()
    published = read_text_csv(shared / "data" / PROJECTS).set_index("case_id")
    of_cities = published[published["scope"] == "city"]
    cases = {row.case.case_id: row.case for row in validated.accepted}
    assert cases.keys() == set(of_cities.index)
    assert len(cases) == 105
    for case_id, case in cases.items():
        row = of_cities.loc[case_id]
        assert (case.ref_area, case.name_en, str(case.start_year)) == (
            row["ref_area"],
            f"{row['title']} ({row['project_id']})",
            row["approval_fy"],
        )
        assert (case.outcome, case.links) == (row["outcome"], (row["link"],))
        assert (case.name_ru, case.name_zh, case.indicator, case.cycle, case.field) == (None,) * 5
    guangzhou = cases["wb-ieg-p003614-guangzhou"]
    assert "closed in 2008; field: Transport. The outcome is rated" in str(guangzhou.note)


def test_a_metro_that_opened_before_the_data_begin_is_no_case(shared: Path, tmp_path: Path) -> None:
    file = TABLES[METRO].file
    (tmp_path / file).parent.mkdir()
    text = (shared / "data" / file).read_text(encoding="utf-8")
    (tmp_path / file).write_text(text.replace("Kazan Metro,2005", "Kazan Metro,1999"), encoding="utf-8")
    assert "metro-2005-kazan" not in set(compile_openings(tmp_path, load_catalogue())["case_id"])
