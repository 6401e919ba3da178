"""Lets processes of one machine be hosts of their own: Airflow asks by `[core] hostname_callable`."""

import os
from typing import Final

VARIABLE: Final = "CITY_INDICATORS_TEST_HOST"


def name() -> str:
    return os.environ.get(VARIABLE, "main")
