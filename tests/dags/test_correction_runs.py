"""A declared correction that has expired, in a real Airflow."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from city_indicators.core.errors import CorrectionExpiredError
from city_indicators.ingest.validation import corrections
from tests.dags.conftest import Outcome
from tests.dags.test_ingest_runs import END_OF_2019, LOADS, observations
from tests.queries import rows

RunDag = Callable[..., Outcome]


def test_an_expired_correction_fails_at_once_and_publishes_nothing(
    run_dag: RunDag, warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk import RetryAction

    from city_indicators.orchestration.retries import RETRY_TRANSIENT

    # The sample, as the workbook, gives 12967.862 thousand for Guangzhou in 2019.
    entry = {
        "id": "guangzhou-2019",
        "since": "2026-01-01",
        "match": {"indicator": "POP_AGGLO", "ref_area": "guangzhou", "time_period": 2019},
        "action": "set",
        "value": 12967862,
        "expect": 1296.7862,
        "reason": "a decimal point stood one place too far left",
        "reference": "https://publisher.example/errata",
        "reported": {"status": "not_reported"},
    }
    monkeypatch.setattr(corrections, "CORRECTIONS", tmp_path)
    (tmp_path / "un_wup.yaml").write_text(yaml.safe_dump({"corrections": [entry]}))
    outcome = run_dag("ingest_un_wup", END_OF_2019)
    assert outcome.state == "failed"
    assert isinstance(outcome.error, CorrectionExpiredError)
    for part in ("un_wup.yaml: guangzhou-2019", "1296.7862", "'12967.862' now", "Next step"):
        assert part in str(outcome.error)
    assert RETRY_TRANSIENT.evaluate(outcome.error, 1, 3).action == RetryAction.FAIL
    assert observations(warehouse) == []
    assert rows(warehouse, LOADS) == []
