"""Dossiers of best practices: facts, and evidence as the edition knew it, in each format and language."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from shutil import copytree

import docx
import pytest
from lxml import html

from city_indicators.__main__ import main
from city_indicators.core.archive import Archive
from city_indicators.core.errors import DocumentError
from city_indicators.core.snapshots import Answer
from city_indicators.delivery.documents.build import Built, build
from city_indicators.delivery.documents.declaration import DOCUMENTS, SHARED
from city_indicators.delivery.documents.edition import Computed
from city_indicators.delivery.documents.formats import RENDERERS
from city_indicators.delivery.documents.keep import keep
from city_indicators.delivery.documents.model import Chart, Items, Paragraph, Table
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.editions import documents
from city_indicators.ingest import load as ingest
from city_indicators.intake.best_practices.publish import publish as publish_cases
from city_indicators.intake.best_practices.read import read
from city_indicators.reports.editions.freeze import propose, publish
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.ledger import Run
from standalone.postgres import Server
from tests.methods import RESEARCH
from tests.queries import rows
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.documented import AT, METHOD, Desk, opened, text_of_pdf
from tests.warehouse.entered import LoadInput, Observation, enter
from tests.warehouse.pages import PREFIX, mounted
from tests.warehouse.test_best_practice_reports import AIR, CODE_LISTS, HEADER, publish_air
from tests.warehouse.test_publish import MANY

AWARD = "award-tula,Tula,RUS,,5,winner,,,,,,,https://example.org/award"
PUBLISHED = datetime(2026, 2, 10, tzinfo=UTC)
EDITION = "2019.3"
LANGUAGES = ("en", "ru", "zh")


@pytest.fixture(scope="module")
def desk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A third edition knows two cases. Moscow's air improved by 4 after its case, Shanghai's by 9."""
    folder = tmp_path_factory.mktemp("cases")
    with opened(server, folder) as made:
        body = "\n".join([HEADER, AIR, AWARD]).encode()
        answer = Answer("file:///inbox/best_practices/c.csv", body, "text/csv", None, None)
        snapshot = Archive(folder / "archive").store("best_practice_cases", answer, NOON)
        run = Run("receive_best_practices", "run")
        sent = PUBLISHED - timedelta(days=1)
        with made.warehouse.begin() as connection:
            publish_cases(
                connection, snapshot, run, read(body, "c.csv", CODE_LISTS, date(2026, 1, 1)), 85, lambda: sent
            )
        publisher = Publisher(made.warehouse, folder)
        publish_air(publisher)
        load_id = publisher.validate({**MANY, "RUS": 500}, fetched_at=sent)
        ingest.publish_load(load_id, publisher.staging, made.warehouse, lambda: sent)
        refresh(made.warehouse, {METHOD.id: METHOD}, RESEARCH, sent)
        with made.warehouse.begin() as connection:
            proposal = propose(connection, METHOD.id, "2019", "Third", lambda: PUBLISHED)
            assert publish(connection, proposal, "anna", PUBLISHED) == EDITION
        # The shipped document is of another rating.
        copytree(DOCUMENTS / "case", made.folder / "case")
        declared = made.folder / "case" / "document.yaml"
        text = declared.read_text(encoding="utf-8")
        declared.write_text(
            text.replace("rating: sustainable_cities", f"rating: {METHOD.id}"), encoding="utf-8"
        )
        yield made


def dossier(desk: Desk, case: str, language: str = "en", edition: str = EDITION) -> Built:
    with reading(desk.warehouse) as connection:
        computed = Computed.of(connection, METHOD.id, edition)
        return build(computed, "case", language, desk.folder, case=case)


def paragraphs(built: Built) -> list[str]:
    """The texts of paragraphs, those in lists among them."""

    def within(blocks: tuple[object, ...]) -> Iterator[str]:
        for block in blocks:
            if isinstance(block, Paragraph):
                yield "".join(run.text for run in block.runs)
            elif isinstance(block, Items):
                for item in block.items:
                    yield from within(item)

    return list(within(built.document.blocks))


@pytest.mark.parametrize(
    ("language", "changed", "award", "tested"),
    [
        (
            "en",
            "The city changed by -4 and its peers by -0.474 (µg/m³). The difference is -3.53.",
            "Guangzhou Award: Winner, 6th cycle, 2023",
            "10% of the city and its peers differ at least as much.",
        ),
        (
            "ru",
            "Изменение в городе составило -4, в похожих городах -0,474 (мкг/м³). Разность равна -3,53.",
            "Гуанчжоуская премия: Победитель, 6-й цикл, 2023",
            "Не меньше отличаются 10\u00a0% городов (сам город и похожие).",
        ),
        (
            "zh",
            "该城市的变化为-4，相似城市的变化为-0.474（微克/立方米）。差值为-3.53。",
            "广州国际城市创新奖：获奖, 第六届（2023年）",
            "有10%的城市差异不小于此。",
        ),
    ],
)
def test_a_dossier_shows_facts_and_evidence(
    desk: Desk, tmp_path: Path, language: str, changed: str, award: str, tested: str
) -> None:
    """The peers changed by 9 / 19 on average; Moscow and Shanghai are two of twenty that differ as much."""
    built = dossier(desk, "moscow-air", language)
    assert built.unverified == ()
    texts = paragraphs(built)
    assert [text for text in (changed, award) if not any(each.startswith(text) for each in texts)] == []
    assert any(tested in text for text in texts)
    document = built.document
    page = html.fromstring(RENDERERS["html"](document).decode()).text_content()
    word = docx.Document(BytesIO(RENDERERS["docx"](document)))
    assert changed in page
    assert any(paragraph.text.startswith(changed) for paragraph in word.paragraphs)
    pdf = text_of_pdf(RENDERERS["pdf"](document), tmp_path)
    plain = "".join(pdf.split())
    assert "".join(changed.split()) in plain
    assert "Clean lorries" in pdf


def test_the_tables_of_the_evidence_are_those_of_the_reports(desk: Desk) -> None:
    """Before, after and change of Moscow (30 + its place / 10, less 4) and of the mean of its peers."""
    blocks = dossier(desk, "moscow-air").document.blocks
    tables = {block.caption: block for block in blocks if isinstance(block, Table)}
    change = tables["Annual mean of PM2.5 in the city (µg/m³), before and after the start in 2015"]
    (moscow, peers, difference) = change.rows
    assert (moscow[0], moscow[3], peers[0], peers[3]) == ("Moscow", "-4", "mean of 19 peers", "-0.474")
    assert float(moscow[1]) - float(moscow[2]) == pytest.approx(4)
    assert difference == ("Difference in differences", "", "", "-3.53")
    tests = dict(tables["How sure the difference is"].rows)
    assert tests["Placebo p-value"] == "0.100"
    assert tests["Years compared"] == "5 before and 5 after the start"
    assert tests["Geographic basis"] == "the city itself"
    facts = dict(tables["What the sources state"].rows)
    assert facts["Sustainable Development Goals"] == "Good health and well-being and Climate action"
    assert "Outcome" not in facts
    (sources,) = [table for caption, table in tables.items() if caption == "Sources and licences"]
    # 11 years of the city and 19 peers; the rating has one value of another source.
    assert sorted(row[2:] for row in sources.rows) == [("0", "220"), ("1", "0")]


def test_charts_and_notes_lead_to_the_evidence_and_the_file(desk: Desk) -> None:
    blocks = dossier(desk, "moscow-air").document.blocks
    charts = [block for block in blocks if isinstance(block, Chart)]
    assert [chart.name for chart in charts] == ["evidence", "placebos"]
    key = f"rating={METHOD.id}&edition={EDITION}&case_id=moscow-air&language=en"
    address = f"/lineage/edition_best_practice_evidence?{key}"
    assert [chart.note.address for chart in charts] == [f"/city-indicators{address}"] * 2
    answer = mounted(desk.warehouse.url, desk.folder.parent).get(PREFIX + address)
    # Ten years, without that of the start, of the city and 19 peers.
    assert "Made from 200 values." in answer.text
    facts = next(block for block in blocks if isinstance(block, Table))
    assert "row 2 of c.csv" in facts.note.text
    assert facts.note.address == "/city-indicators/best-practices/moscow-air?language=en"


def test_a_case_without_indicator_or_city_says_so(desk: Desk) -> None:
    built = dossier(desk, "award-tula")
    assert built.document.title == "Winner, 5th cycle, 2020"
    texts = paragraphs(built)
    assert "The case states no start year, so its city cannot be compared with similar ones." in texts
    assert "The city is not in the edition" in texts
    assert {"Began in", "Indicator", "Outcome"} <= set(texts)
    assert not any(isinstance(block, Chart) for block in built.document.blocks)


def test_later_data_do_not_change_a_dossier(desk: Desk, tmp_path: Path) -> None:
    before = RENDERERS["html"](dossier(desk, "moscow-air").document)
    publisher = Publisher(desk.warehouse, tmp_path)
    revised = [Observation("moscow", "2018", 99.0, "PM25_CITY", "UG_M3", geo_basis="city")]
    given = LoadInput("who_air_quality", range(2018, 2019), revised, indicators=("PM25_CITY",))
    later = PUBLISHED + timedelta(days=1)
    load_id = enter(desk.warehouse, publisher.staging, given)
    ingest.publish_load(load_id, publisher.staging, desk.warehouse, lambda: later)
    lineage = """
        select obs_value from report.lineage('edition_best_practice_evidence',
            '{"rating": "climate_world", "edition": "2019.3", "case_id": "moscow-air"}')
    """
    used = rows(desk.warehouse, lineage)
    assert (len(used), (99.0,) in used) == (200, False)
    revised_now = rows(desk.warehouse, "select 1 from core.observation where obs_value = 99")
    assert len(revised_now) == 1
    assert RENDERERS["html"](dossier(desk, "moscow-air").document) == before


@pytest.mark.parametrize(
    ("name", "case", "edition", "fault"),
    [
        ("case", "", EDITION, "case: is of a case, and none is given. Next step: give --case an id"),
        ("case", "nothing", EDITION, r"case nothing: edition 2019\.3 knows no such case"),
        ("case", "moscow-air", "2019.2", r"case moscow-air: edition 2019\.2 knows no such case"),
        ("trial", "moscow-air", EDITION, "trial: is of no case. Next step: leave --case out"),
    ],
)
def test_a_wrong_case_is_named(desk: Desk, name: str, case: str, edition: str, fault: str) -> None:
    with reading(desk.warehouse) as connection:
        computed = Computed.of(connection, METHOD.id, edition)
        with pytest.raises(DocumentError, match=fault):
            build(computed, name, "en", desk.folder, case=case)


def test_references_of_a_case_fail_in_other_documents(desk: Desk) -> None:
    desk.write('{{ table("case") }}')
    with pytest.raises(DocumentError, match=r"own/text\.en\.md:1: the document is of no case"):
        desk.build(name="own", edition=EDITION)
    desk.write("\n{{ case.title }}")
    with pytest.raises(DocumentError, match=r"own/text\.en\.md:2: 'case' is undefined"):
        desk.build(name="own", edition=EDITION)


def test_an_edition_keeps_the_dossiers_of_compared_cases(desk: Desk) -> None:
    only = desk.folder.parent / "kept"
    for name in ("case", SHARED):
        copytree(desk.folder / name, only / name)
    names = keep(desk.warehouse, Archive(only / "archive"), METHOD.id, EDITION, AT, only)
    assert len(names) == 9
    assert {name.partition("-2019")[0] for name in names} == {"case-moscow-air"}
    kept = {"document": "case-moscow-air", "language": "en", "document_format": "pdf"}
    assert list(documents([kept], "zh")) == ["最佳实践案例档案 (moscow-air)"]


def test_the_command_refuses_an_unknown_case(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    url = desk.warehouse.url.render_as_string(hide_password=False)
    arguments = ["document", "case", "--edition", "2019.3", "--case", "moscow-air", "--warehouse", url]
    # The shipped document is of a rating that this warehouse has no edition of.
    assert main(arguments) == 2
    assert "sustainable_cities 2019.3: there is no such edition. Next step" in capsys.readouterr().err
