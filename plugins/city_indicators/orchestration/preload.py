"""Imports what every task needs, once, in the process that forks the tasks.

Great Expectations alone takes seconds of CPU to import; a forked task finds it imported.
On macOS Airflow starts each task in a fresh interpreter, so each task imports it again.
"""

from contextlib import suppress

import great_expectations  # noqa: F401, TID253 - the only module that may be slow to import

from city_indicators.ingest import load, request_plan  # noqa: F401
from city_indicators.ingest.validation import data_docs  # noqa: F401
from city_indicators.orchestration import source_client  # noqa: F401
from city_indicators.reports import refresh, research  # noqa: F401

# For object storage, if requirements-cluster.txt is installed.
with suppress(ImportError):
    import s3fs  # noqa: F401
    from airflow.providers.amazon.aws.fs import s3  # noqa: F401
