"""Archives a submitted file unchanged: the first task for every file of the inbox."""

import hashlib
from pathlib import PurePosixPath
from typing import Any, Final

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException

from city_indicators.core.archive import Archive
from city_indicators.core.errors import UnusableFileError
from city_indicators.core.snapshots import Answer
from city_indicators.orchestration import inbox, task_log
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root

MEDIA_TYPES: Final = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Received = dict[str, Any]
"""References passed through XCom: path, sha256, received_at, then snapshot or fault, and the load."""

of_a_file: Final = task(
    multiple_outputs=False, show_return_value_in_logs=False, map_index_template=task_log.TEMPLATE
)
"""Decorates a task that handles one file of the inbox, and whose grid shows the name of the file."""


@of_a_file
def archive(source_id: str, path: str) -> Received:
    """Archive a submitted file under its sha256; returns a fault if its kind, size or permissions are wrong.

    Raises:
        AirflowSkipException: the file was removed in the meantime.
        StorageError: the disk of the archive is full, read-only or closed to us.
    """
    task_log.label(inbox.name_of(path))
    at, suffix = now(), PurePosixPath(inbox.name_of(path)).suffix
    received = {"path": path, "received_at": at.isoformat()}
    try:
        content = inbox.read(path)
    except FileNotFoundError:
        raise AirflowSkipException(f"{path} was removed. Next step: none") from None
    except UnusableFileError as error:
        return {**received, "sha256": error.mark, "fault": str(error)}
    if suffix.lower() not in MEDIA_TYPES:
        fault = f"a {suffix or 'nameless'} file; send the form as .csv or .xlsx"
        return {**received, "sha256": hashlib.sha256(content).hexdigest(), "fault": fault}
    form = Answer(path, content, MEDIA_TYPES[suffix.lower()], None, None)
    snapshot = Archive(archive_root()).store(source_id, form, at)
    task_log.fetched([snapshot], None)
    return {**received, "sha256": snapshot.sha256, "snapshot": snapshot.to_json()}
