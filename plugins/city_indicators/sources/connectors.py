"""The registry of connectors by wire format: a source's `format` names one."""

from typing import Final

from city_indicators.catalog.source import Source
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import source_file
from city_indicators.sources import (
    c40_inventories,
    cdp_emissions,
    codecarbon,
    ghs_ucdb,
    nasa_power,
    open_meteo_air,
    open_meteo_daily,
    openaq_v3,
    owid_grapher,
    table,
    undata,
    what_a_waste,
    world_bank_v2,
    wup_workbook,
)
from city_indicators.sources.records import Connector, Metered

CONNECTORS: Final[dict[str, Connector]] = {
    "c40_inventories": c40_inventories,
    "cdp_emissions": cdp_emissions,
    "codecarbon": codecarbon,
    "ghs_ucdb": ghs_ucdb,
    "nasa_power": nasa_power,
    "open_meteo_air": open_meteo_air,
    "open_meteo_archive": open_meteo_daily.ARCHIVE,
    "open_meteo_climate": open_meteo_daily.CLIMATE,
    "openaq_v3": openaq_v3,
    "owid_grapher": owid_grapher,
    "table": table,
    "undata": undata,
    "what_a_waste": what_a_waste,
    "world_bank_v2": world_bank_v2,
    "wup_workbook": wup_workbook,
}
"""The connectors by format. A package of a higher layer registers its own before it reads a source."""


def connector_of(source: Source) -> Connector:
    """The connector for a source's format.

    Raises:
        CatalogueError: there is no connector for the format.
    """
    try:
        return CONNECTORS[source.format]
    except KeyError:
        raise _fault(
            source, "format", f"{source.format!r} is none of {', '.join(sorted(CONNECTORS))}"
        ) from None


def metered(source: Source) -> Metered:
    """The connector of a metered source, which lists the requests before they are sent.

    Raises:
        CatalogueError: there is no connector for the format, or its requests are not known beforehand.
    """
    connector = connector_of(source)
    if not isinstance(connector, Metered):
        raise _fault(source, "quota", f"the format {source.format} does not list its requests beforehand")
    return connector


def _fault(source: Source, key: str, fault: str) -> CatalogueError:
    return CatalogueError(source_file(source.id), key, fault)
