"""The application of the mock server: all wire formats and the fault injection."""

from collections.abc import Mapping
from typing import Final, Protocol

from fastapi import APIRouter, FastAPI

from city_indicators.catalog import Source, load_sources
from demo.mock_sources import (
    cdp_emissions,
    codecarbon,
    faults,
    ghs_ucdb,
    json_pages,
    nasa_power,
    open_meteo,
    openaq,
    owid_grapher,
    tables,
    un_wup,
    undata,
    what_a_waste,
    world_bank,
)
from demo.mock_sources.damage import Damage
from demo.mock_sources.entity_tags import EntityTags
from demo.sample.table import Sample, load_sample
from demo.sample.tables import has_observations


class WireFormat(Protocol):
    """The wire format of one source: a module or an object."""

    def router(self, sample: Sample, /) -> APIRouter:
        """The routes below the source's base URL."""

    def damage(self, body: bytes, kind: Damage, /) -> bytes:
        """The body with one fault."""


WIRE_FORMATS: Final[Mapping[str, WireFormat]] = {
    "nasa_power": nasa_power,
    "owid_grapher": owid_grapher,
    "un_wup": un_wup,
    "world_bank": world_bank,
}
WITHOUT_DATA: Final[Mapping[str, WireFormat]] = {
    "open_meteo_air": open_meteo.AIR,
    "open_meteo_archive": open_meteo.ARCHIVE,
    "open_meteo_climate": open_meteo.CLIMATE,
    "openaq": openaq,
}
"""Services without data in the sample: they answer in their format, without values."""
FILE_FORMATS: Final = {
    "c40_inventories": tables,
    "cdp_emissions": cdp_emissions,
    "codecarbon": codecarbon,
    "ghs_ucdb": ghs_ucdb,
    "table": tables,
    "undata": undata,
    "what_a_waste": what_a_waste,
}
"""The formats of published files; files whose data may not be redistributed have only a header."""


def serves(source: Source) -> bool:
    """Whether the mock server has data of a source."""
    return source.id in WIRE_FORMATS or (source.format in FILE_FORMATS and has_observations(source))


def create_app(sample: Sample | None = None) -> FastAPI:
    """The mock server.

    `/<source id>` replaces a source's base URL; `/_faults` and `/_requests` are for tests and trials.

    Args:
        sample: the data to serve; by default the committed sample.

    Raises:
        SampleError: the committed sample cannot be read.
    """
    sample = sample or load_sample()
    book = faults.FaultBook()
    app = FastAPI(title="Mock sources", openapi_url=None)
    wire_formats = {**WIRE_FORMATS, **WITHOUT_DATA}
    for source_id, wire_format in wire_formats.items():
        app.include_router(wire_format.router(sample), prefix=f"/{source_id}")
    for source in load_sources().values():
        if source.format in FILE_FORMATS:
            in_json = source.layout is not None and source.layout.kind == "json"
            files = json_pages if in_json else FILE_FORMATS[source.format]
            app.include_router(files.router(source), prefix=f"/{source.id}")
    app.include_router(faults.router(book))
    app.add_middleware(EntityTags)
    app.add_middleware(
        faults.FaultInjector,
        book=book,
        damage={f"/{source_id}/": wire_format.damage for source_id, wire_format in wire_formats.items()},
    )
    return app
