"""Puts the wire formats and the fault injection together."""

from fastapi import FastAPI

from city_indicators.catalog import load_sources
from city_indicators.sample.table import Sample, load_sample
from city_indicators.standin import faults, owid_grapher, tables, un_wup, world_bank


def create_app(sample: Sample | None = None) -> FastAPI:
    """The stand-in server.

    `/world_bank`, `/un_wup` and `/owid_grapher` take the place of each source's base URL; `/_faults` and
    `/_requests` are for tests and rehearsals.

    Args:
        sample: the figures to answer with; by default the committed sample.

    Raises:
        SampleError: when the committed sample cannot be read.
    """
    sample = sample or load_sample()
    book = faults.FaultBook()
    app = FastAPI(title="Stand-in for the sources", openapi_url=None)
    app.include_router(world_bank.router(sample), prefix="/world_bank")
    app.include_router(un_wup.router(sample), prefix="/un_wup")
    app.include_router(owid_grapher.router(sample), prefix="/owid_grapher")
    for source in load_sources().values():
        if source.format == "table":
            app.include_router(tables.router(source), prefix=f"/{source.id}")
    app.include_router(faults.router(book))
    app.add_middleware(
        faults.FaultInjector,
        book=book,
        damage={
            "/world_bank/": world_bank.damage,
            "/un_wup/": un_wup.damage,
            "/owid_grapher/": owid_grapher.damage,
        },
    )
    return app
