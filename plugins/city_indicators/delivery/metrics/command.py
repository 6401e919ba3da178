"""`python -m city_indicators metrics`: serves the metrics of the pipeline to Prometheus."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy import URL

    from city_indicators.catalog import Catalogue

PORT: Final = 9105


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=PORT, help=f"TCP port ({PORT})")


def run(chosen: Namespace, catalogue: "Catalogue", warehouse: "URL") -> int:
    """Serve /metrics until the process is stopped."""
    from prometheus_client import CollectorRegistry, start_http_server

    from city_indicators.delivery.metrics.exporter import Exporter
    from city_indicators.warehouse.database import engine

    registry = CollectorRegistry()
    registry.register(Exporter(engine(warehouse), catalogue.sources.values(), lambda: datetime.now(UTC)))
    server, thread = start_http_server(chosen.port, chosen.host, registry)
    print(f"http://{chosen.host}:{server.server_port}/metrics", flush=True)
    thread.join()
    return 0
