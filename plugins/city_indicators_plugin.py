"""The one Airflow plugin: pages in the web UI, and a warm start for the tasks."""

from functools import cached_property
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from city_indicators.airflow import warm_up


class CityIndicatorsPlugin(AirflowPlugin):
    """Adds *City ratings*, *Data quality*, *Downloads* and *Data Docs* to the navigation."""

    name = "city_indicators"
    listeners: ClassVar[list[Any]] = [warm_up]
    external_views: ClassVar[list[dict[str, Any]]] = [
        {
            "name": "City ratings",
            "href": "city-indicators/ratings",
            "url_route": "city-ratings",
            "destination": "nav",
        },
        {
            "name": "Data quality",
            "href": "city-indicators/quality",
            "url_route": "data-quality",
            "destination": "nav",
        },
        {
            "name": "Downloads",
            "href": "city-indicators/downloads",
            "url_route": "downloads",
            "destination": "nav",
        },
        {
            "name": "Data Docs",
            "href": "city-indicators/data-docs/",
            "url_route": "data-docs",
            "destination": "nav",
            "category": "browse",
        },
    ]

    # Every Airflow process loads the plugin, but only the API server asks for its apps.
    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """The pages, every one of them behind Airflow's login."""
        from airflow.api_fastapi.core_api.security import get_user

        from city_indicators.airflow.connections import data_docs_root, warehouse_url
        from city_indicators.web.app import create_app

        app = create_app(get_user, warehouse_url, data_docs_root())
        return [{"app": app, "url_prefix": "/city-indicators", "name": "City indicators"}]
