"""Host names for several workers on one machine, through Airflow's `[core] hostname_callable`."""

import os
from typing import Final

VARIABLE: Final = "CITY_INDICATORS_TEST_HOST"


def name() -> str:
    return os.environ.get(VARIABLE, "main")
