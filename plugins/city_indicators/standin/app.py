"""Puts the wire formats and the fault injection together."""

from typing import Final

from fastapi import FastAPI

from city_indicators.catalog import Source, load_sources
from city_indicators.sample.table import Sample, load_sample
from city_indicators.standin import faults, owid_grapher, tables, un_wup, world_bank

WIRE_FORMATS: Final = {"world_bank": world_bank, "un_wup": un_wup, "owid_grapher": owid_grapher}


def serves(source: Source) -> bool:
    """Whether the stand-in can answer in a source's place."""
    return source.id in WIRE_FORMATS or source.format == "table"


def create_app(sample: Sample | None = None) -> FastAPI:
    """The stand-in server.

    `/<source id>` takes the place of a source's base URL; `/_faults` and `/_requests` are for tests and
    rehearsals.

    Args:
        sample: the figures to answer with; by default the committed sample.

    Raises:
        SampleError: when the committed sample cannot be read.
    """
    sample = sample or load_sample()
    book = faults.FaultBook()
    app = FastAPI(title="Stand-in for the sources", openapi_url=None)
    for source_id, wire_format in WIRE_FORMATS.items():
        app.include_router(wire_format.router(sample), prefix=f"/{source_id}")
    for source in load_sources().values():
        if source.format == "table":
            app.include_router(tables.router(source), prefix=f"/{source.id}")
    app.include_router(faults.router(book))
    app.add_middleware(
        faults.FaultInjector,
        book=book,
        damage={f"/{source_id}/": wire_format.damage for source_id, wire_format in WIRE_FORMATS.items()},
    )
    return app
