"""The wire formats we can read: a source's `format` names one."""

from typing import Final

from city_indicators.sources import owid_grapher, table, world_bank_v2, wup_workbook
from city_indicators.sources.records import Connector

CONNECTORS: Final[dict[str, Connector]] = {
    "owid_grapher": owid_grapher,
    "table": table,
    "world_bank_v2": world_bank_v2,
    "wup_workbook": wup_workbook,
}
