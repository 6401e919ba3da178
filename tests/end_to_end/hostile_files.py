"""The running demo gets an inbox with files of any name and kind: its triggerer, scheduler and workers."""

import os
import shutil
from typing import Final

from sqlalchemy import Connection, text

from city_indicators.intake.mailbox import Mailbox
from city_indicators.orchestration.rest import AirflowApi
from standalone.settings import Settings
from tests.end_to_end.waiting import until
from tests.intake import hostile

DAG: Final = "receive_submissions"
PATIENCE_SECONDS: Final = 300.0
YEARS: Final = text(
    """
    select time_period::int from core.observation
    where source = 'city_submission' and ref_area = 'moscow' and indicator = 'ELEC_USE' order by 1
    """
)
FORMS: Final = {year: hostile.NAMES[year] for year in (2001, 2002, 2003, 2004, 2007)}
"""Forms that are loaded here; tests/dags/test_hostile_inbox.py loads all of them without a scheduler."""
LATE: Final = 2012


def are_answered(settings: Settings, api: AirflowApi, warehouse: Connection) -> None:
    """Every file is answered, the good ones are loaded, and the next run takes what comes after them."""
    folder = settings.inbox / "submissions"
    before = len(Mailbox(folder).looks())
    hostile.drop(folder, settings.home, FORMS)
    mailbox = Mailbox(folder)
    until(lambda: all(mailbox.is_answered(name) for name in mailbox.looks()), PATIENCE_SECONDS)
    assert len(mailbox.looks()) - before == len(FORMS) + len(hostile.NO_FILES) + 1
    assert loaded(warehouse) == sorted(FORMS)
    # The next run waits with the same files before it.
    (folder / os.fsdecode(b"sp\xe4t.csv")).write_bytes(hostile.form(LATE))
    until(lambda: loaded(warehouse) == [*sorted(FORMS), LATE], PATIENCE_SECONDS)
    assert api.failed_runs([DAG]) == []
    shutil.rmtree(folder)
    folder.mkdir()


def loaded(warehouse: Connection) -> list[int]:
    """The years of the forms that are loaded."""
    with warehouse.begin():
        return list(warehouse.scalars(YEARS))
