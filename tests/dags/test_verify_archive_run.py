"""`verify_archive` in a real Airflow: what it stores, and how operators learn of a lost file."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from city_indicators.core.archive import Archive
from city_indicators.core.errors import ArchiveVerificationError
from city_indicators.orchestration.digest import compose, day
from tests.dags.conftest import MockServer, Outcome
from tests.queries import rows

END_OF_2019 = datetime(2020, 1, 1, tzinfo=UTC)
RESULTS = (
    "select objects, missing, damaged, unknown, healed from archive.verification order by verification_id"
)


def test_a_lost_file_is_healed_or_fails_the_run_and_reaches_the_digest(
    run_dag: Callable[..., Outcome], mock_server: MockServer, warehouse: Engine, tmp_path: Path
) -> None:
    assert run_dag("ingest_owid_grapher", END_OF_2019).state == "success"
    archive = Archive(tmp_path / "archive")
    files = sorted(archive.objects())
    assert run_dag("verify_archive", datetime(2026, 11, 1, tzinfo=UTC)).state == "success"
    path = archive.root / "sha256" / files[0][:2] / files[0]
    path.write_bytes(path.read_bytes()[:-1])
    assert run_dag("verify_archive", datetime(2026, 11, 8, tzinfo=UTC)).state == "success"
    assert archive.digest(files[0])[0] == files[0]

    ((url,),) = rows(warehouse, "select url from archive.fetch_event where sha256 = :sha256", sha256=files[0])
    path.unlink()
    mock_server.fault("truncated", url.partition("?")[0].rpartition("/")[2])
    outcome = run_dag("verify_archive", datetime(2026, 11, 15, tzinfo=UTC))
    assert outcome.state == "failed"
    assert isinstance(outcome.error, ArchiveVerificationError)
    assert f"the first is {files[0]} (missing). Next step: restore them" in str(outcome.error)
    n = len(files)
    assert rows(warehouse, RESULTS) == [(n, 0, 0, 0, 0), (n, 0, 0, 0, 1), (n - 1, 1, 0, 0, 0)]

    now = datetime.now(UTC)
    with warehouse.connect() as connection:
        text = compose(day(connection, now - timedelta(hours=1), now), [], "https://airflow.example").text
    assert "verify of https://airflow.example/dags/verify_archive/runs/" in text
    assert "ArchiveVerificationError: archive " in text
    assert (
        f"{n - 1} files read, 1 missing, 0 damaged, 0 unknown, 0 healed. Next step: restore {files[0]}"
        in text
    )
