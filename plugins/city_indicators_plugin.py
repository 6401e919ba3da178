"""The Airflow plugin: pages in the web UI, the deadline of queued tasks, and a warm start for tasks."""

from functools import cached_property
from threading import Thread
from typing import Any, ClassVar, Final

from airflow.plugins_manager import AirflowPlugin

from city_indicators.orchestration import warm_up
from city_indicators.orchestration.deadlines import FirstQueued

PREFIX: Final = "/city-indicators"


class CityIndicatorsPlugin(AirflowPlugin):
    """Serves the pages of delivery/web and adds theirs to the navigation."""

    name = "city_indicators"
    listeners: ClassVar[list[Any]] = [warm_up]
    deadline_references: ClassVar[list[Any]] = [FirstQueued]

    # Every Airflow process loads the plugin, but only the API server reads its navigation and its apps.
    @cached_property
    def external_views(self) -> list[dict[str, Any]]:
        """The entries that the pages declare for the navigation."""
        from city_indicators.delivery.web.pages import navigation

        return [entry.external_view(PREFIX) for entry in navigation() if entry.url_route]

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """The pages; each requires Airflow's login and a role."""
        from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
        from airflow.api_fastapi.core_api.security import requires_access_connection, requires_access_view

        from city_indicators.core.archive import Archive
        from city_indicators.delivery.web.app import create_app
        from city_indicators.delivery.web.beforehand import prepare
        from city_indicators.delivery.web.pages import Services
        from city_indicators.ingest.validation.data_docs_site import Site
        from city_indicators.orchestration.connections import archive_root, data_docs_root, warehouse_url
        from city_indicators.orchestration.scheduler import scheduler

        # Whoever may read Airflow's UI may read these pages. A login alone is not enough: some auth managers
        # let people in who have no role.
        require_viewer = requires_access_view(AccessView.WEBSITE)
        # Every auth manager reserves connections for operators: whoever may read how we connect to a source
        # may also read its answers. Viewers may read DAGs, assets and the configuration, so these rights
        # would not distinguish operators.
        require_operator = requires_access_connection("GET")
        # The app is created while the server's event loop runs, where object storage cannot be opened:
        # each request opens it.
        services = Services(
            warehouse_url=warehouse_url,
            data_docs=lambda: Site(data_docs_root()),
            archive=lambda: Archive(archive_root()),
            require_operator=require_operator,
            scheduler=scheduler,
        )
        app = create_app(require_viewer, services)
        Thread(target=prepare, daemon=True).start()
        return [{"app": app, "url_prefix": PREFIX, "name": "City indicators"}]
