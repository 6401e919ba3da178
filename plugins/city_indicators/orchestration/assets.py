"""The assets through which DAGs trigger each other."""

from typing import Final

from airflow.sdk import Asset, AssetAlias

VALIDATIONS: Final = Asset("validations", uri="city-indicators://quality/validation", group="quality")
BEST_PRACTICES: Final = Asset("best_practices", uri="city-indicators://core/case", group="best_practices")
REPORTS: Final = Asset("reports", uri="city-indicators://report", group="reports")
EDITIONS: Final = Asset("editions", uri="city-indicators://report/edition", group="reports")
REFRESHED: Final = AssetAlias("reports_refreshed", group="reports")
"""The reports, unless a task only planned their refresh."""
REPLAYED: Final = AssetAlias("observations_replayed", group="observations")
"""The observations of the source that was replayed."""


def observations(source_id: str) -> Asset:
    """The observations of one source."""
    return Asset(
        f"observations_{source_id}",
        uri=f"city-indicators://core/observation/{source_id}",
        group="observations",
    )
