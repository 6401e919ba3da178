"""The Airflow user of the tasks, and the rule for passwords; shared by the local stack and the servers."""

import re
from typing import Final

TASKS_USER: Final = "tasks"
"""The user with which tasks call Airflow's API."""
TASKS_ROLE: Final = "user"
URL_SAFE_PASSWORD: Final = re.compile(r"[\w-]{12,}", re.ASCII)
"""A password that is long enough and needs no escaping in a URL."""
