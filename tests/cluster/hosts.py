"""Host names for several workers on one machine, through Airflow's `[core] hostname_callable`.

Airflow imports this module before a worker takes tasks, so it also lowers the bounds that the sample is too
small for.
"""

import os
from typing import Final

VARIABLE: Final = "CITY_INDICATORS_TEST_HOST"


def name() -> str:
    return os.environ.get(VARIABLE, "main")


if VARIABLE in os.environ:
    from city_indicators.reports import plan, ratings

    # Three years of the 48 cities are rated by one task, one at a time, and more years by several tasks.
    plan.CITY_YEARS_IN_ONE_TASK = plan.CITY_YEARS_A_TASK = 3 * 48  # type: ignore[misc]
    ratings.CITY_YEARS_AT_ONCE = 48  # type: ignore[misc]
