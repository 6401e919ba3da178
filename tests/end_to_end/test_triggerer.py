"""A real triggerer, scheduler and workers on an inbox with files of any name and kind."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from city_indicators.intake.mailbox import Mailbox
from standalone.settings import Settings
from standalone.stack import Stack
from tests.intake import hostile
from tests.stacks import Running

DAG = "receive_submissions"
FIRST_PORT = 29480


@pytest.mark.end_to_end
def test_the_triggerer_survives_every_file_and_all_are_answered() -> None:
    home = Path(tempfile.mkdtemp(prefix="ci-inbox-"))
    settings = Settings(home=home)
    settings.make_folders()
    folder = settings.inbox / "submissions"
    folder.mkdir(parents=True)
    hostile.drop(folder, home)
    mailbox = Mailbox(folder)
    try:
        with Stack(settings) as stack:
            running = Running(stack, [DAG], first_port=FIRST_PORT)
            triggerer = stack.services["triggerer"].process()
            running.wait(lambda: all(mailbox.is_answered(name) for name in mailbox.looks()))
            assert len(mailbox.looks()) == len(hostile.NAMES) + len(hostile.NO_FILES) + 1
            years = running.rows("select time_period from core.observation order by 1")
            assert years == [(str(year),) for year in sorted(hostile.NAMES)]
            # The next run waits with the same files before it, and takes what comes.
            late = folder / os.fsdecode(b"sp\xe4t.csv")
            late.write_bytes(hostile.form(2012))
            running.wait(lambda: (2012,) in running.rows("select time_period::int from core.observation"))
            assert running.api.failed_runs([DAG]) == []
            assert stack.services["triggerer"].process() == triggerer
    finally:
        shutil.rmtree(home)
