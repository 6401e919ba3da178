"""What a monitoring system reads of the pipeline. The ledger knows it: no task has to send anything."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from city_indicators.catalog import Source
from city_indicators.warehouse.database import statement

PREFIX: Final = "city_indicators"


@dataclass(frozen=True)
class Declared:
    """A metric: include/sql/metrics/<name>.sql gives its labels and, as the last column, its value."""

    name: str
    kind: Literal["counter", "gauge"]
    labels: tuple[str, ...]
    meaning: str

    def family(self) -> CounterMetricFamily | GaugeMetricFamily:
        """The metric without samples."""
        made = CounterMetricFamily if self.kind == "counter" else GaugeMetricFamily
        return made(f"{PREFIX}_{self.name}", self.meaning, labels=self.labels)


METRICS: Final = (
    Declared("rows", "counter", ("source", "outcome"), "Rows and cells of all loads, by what became of them"),
    Declared("observations", "counter", ("source", "change"), "Observations of published loads, by change"),
    Declared("loads", "gauge", ("source", "state"), "Loads in the ledger, by state"),
    Declared("load_timestamp_seconds", "gauge", ("source",), "When a load was last published"),
    Declared("load_seconds", "gauge", ("source",), "Last load: from the first answer to its publication"),
    Declared("overdue", "gauge", ("source", "reason"), "Indicators that are overdue"),
    Declared("loads_not_in_report", "gauge", (), "Published loads that the report tables do not show yet"),
    Declared("refresh_timestamp_seconds", "gauge", (), "When the report tables were last refreshed"),
    Declared("task_failures", "counter", ("dag_id",), "Tasks that failed after their last try"),
    Declared("digest_timestamp_seconds", "gauge", (), "When a daily digest was last sent"),
    Declared("database_bytes", "gauge", (), "Size of the warehouse"),
    Declared("archive_bytes", "gauge", (), "Size of the archived files"),
    Declared("lost_files", "gauge", (), "Archived files that are missing or damaged"),
    Declared("calls_left", "gauge", ("account", "minutes"), "Calls that a metered service still allows"),
)


class Exporter(Collector):
    """Reads all metrics at each request, in one transaction."""

    def __init__(self, warehouse: Engine, sources: Iterable[Source], clock: Callable[[], datetime]) -> None:
        self._warehouse = warehouse
        self._quotas = json.dumps(list(quotas(sources)))
        self._clock = clock

    def describe(self) -> list[Metric]:
        """No metric, so that the exporter also starts while the warehouse is down."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric with its samples.

        Raises:
            SQLAlchemyError: the warehouse cannot be read; the request is answered with status 500.
        """
        given: Mapping[str, Any] = {"quotas": self._quotas, "at": self._clock()}
        with self._warehouse.connect() as connection:
            for declared in METRICS:
                family = declared.family()
                of_quotas = given if declared.name == "calls_left" else {}
                for *labels, value in connection.execute(statement(f"metrics/{declared.name}"), of_quotas):
                    family.add_metric([str(label) for label in labels], float(value))
                yield family


def quotas(sources: Iterable[Source]) -> Iterator[dict[str, Any]]:
    """The limits of the metered services, each account once: account, minutes and the calls in them."""
    limits = {source.quota.account: source.quota.calls for source in sources if source.quota}
    for account, calls in sorted(limits.items()):
        for minutes, most in calls.items():
            yield {"account": account, "minutes": minutes, "calls": most}
