"""Who signs in to Airflow as the tasks, and which passwords do: on one machine as on a server."""

import re
from typing import Final

TASKS_USER: Final = "tasks"
"""As whom tasks ask Airflow's API."""
TASKS_ROLE: Final = "user"
FIT_FOR_A_URL: Final = re.compile(r"[\w-]{12,}", re.ASCII)
"""A password that is long enough, and keeps its meaning within a URL."""
