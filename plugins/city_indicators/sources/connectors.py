"""The wire formats we can read: a source's `format` names one."""

from typing import Final

from city_indicators.intake.submissions import connector as submission
from city_indicators.sources import (
    c40_inventories,
    cdp_emissions,
    codecarbon,
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
from city_indicators.sources.records import Connector, Metered, Paged

CONNECTORS: Final[dict[str, Connector]] = {
    "c40_inventories": c40_inventories,
    "cdp_emissions": cdp_emissions,
    "codecarbon": codecarbon,
    "nasa_power": nasa_power,
    "open_meteo_air": open_meteo_air,
    "open_meteo_archive": open_meteo_daily.ARCHIVE,
    "open_meteo_climate": open_meteo_daily.CLIMATE,
    "openaq_v3": openaq_v3,
    "owid_grapher": owid_grapher,
    "submission": submission,
    "table": table,
    "undata": undata,
    "what_a_waste": what_a_waste,
    "world_bank_v2": world_bank_v2,
    "wup_workbook": wup_workbook,
}

METERED: Final[dict[str, Metered]] = {
    "open_meteo_air": open_meteo_air,
    "open_meteo_archive": open_meteo_daily.ARCHIVE,
    "open_meteo_climate": open_meteo_daily.CLIMATE,
}
"""The formats of services that count calls, whose requests are planned before they are sent."""

PAGED: Final[dict[str, Paged]] = {
    "openaq_v3": openaq_v3,
    "table": table,
    "world_bank_v2": world_bank_v2,
}
"""The formats whose number of requests only the answers tell."""
