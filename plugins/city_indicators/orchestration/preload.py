"""What every task needs, imported as this module is: once in a process that forks tasks.

Great Expectations alone takes seconds of CPU to import; a forked task finds it imported.
On macOS Airflow starts each task in a fresh interpreter, and tasks pay for their imports there.
"""

from contextlib import suppress

import great_expectations  # noqa: F401, TID253 - the one module that is to be slow

from city_indicators.ingest import load, request_plan  # noqa: F401
from city_indicators.ingest.validation import data_docs  # noqa: F401
from city_indicators.orchestration import source_client  # noqa: F401
from city_indicators.reports import refresh, research  # noqa: F401

# What a bucket is entered with, where requirements-cluster.txt is installed.
with suppress(ImportError):
    import s3fs  # noqa: F401
    from airflow.providers.amazon.aws.fs import s3  # noqa: F401
