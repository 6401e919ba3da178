"""What the tasks do that watch over the sources and the runs."""

from city_indicators.airflow import lateness, notify
from city_indicators.airflow.connections import warehouse_url
from city_indicators.airflow.ingest_tasks import now
from city_indicators.errors import NotToldError
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.freshness import newly_late


def tell_late() -> int:
    """Tell of what is late and was not told of yet; of how many indicators of sources.

    Raises:
        NotToldError: the message could not be sent; nothing counts as told.
    """
    with engine(warehouse_url()).begin() as connection:
        late = newly_late(connection, now())
        if late:
            _tell(lateness.compose(late, notify.ui_url()))
    return len(late)


def _tell(message: notify.Message) -> None:
    if not notify.send(message):
        raise NotToldError(message.subject)
