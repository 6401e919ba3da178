"""Archives a submitted file unchanged: the first task for every file of the inbox."""

from typing import Any, Final

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException

from city_indicators.core.archive import Archive
from city_indicators.core.snapshots import Answer
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root
from city_indicators.orchestration.inbox import UNREADABLE, fingerprint, submitted_file
from city_indicators.sources.forms import MAX_BYTES

MEDIA_TYPES: Final = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Received = dict[str, Any]
"""References passed through XCom: path, sha256, received_at, then snapshot or fault, and the load."""


@task(multiple_outputs=False)
def archive(source_id: str, path: str) -> Received:
    """Archive a submitted file under its sha256; returns a fault if its type, size or permissions are wrong.

    Raises:
        AirflowSkipException: the file was removed in the meantime.
    """
    file, at = submitted_file(path), now()
    suffix = file.suffix.lower()
    try:
        received = {"path": path, "sha256": fingerprint(file), "received_at": at.isoformat()}
        if received["sha256"] == UNREADABLE:
            fault = "no permission to read it; allow everybody to read it (`chmod a+r`), or send it again"
            return {**received, "fault": fault}
        if suffix not in MEDIA_TYPES:
            fault = f"a {file.suffix or 'nameless'} file; send the form as .csv or .xlsx"
            return {**received, "fault": fault}
        if (size := file.stat().st_size) > MAX_BYTES:
            return {**received, "fault": f"{size} bytes; a form has at most {MAX_BYTES}"}
        content = file.read_bytes()
    except FileNotFoundError:
        raise AirflowSkipException(f"{path} was removed. Next step: none") from None
    form = Answer(path, content, MEDIA_TYPES[suffix], None, None)
    snapshot = Archive(archive_root()).store(source_id, form, at)
    return {**received, "sha256": snapshot.sha256, "snapshot": snapshot.to_json()}
