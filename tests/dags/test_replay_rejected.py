"""`replay_rejected` in a real Airflow: no requests, a dry run by default, then new loads."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select

from city_indicators.ingest import load as ingest
from city_indicators.ingest.validation.rules import load_rules
from tests.dag_bag import dag_bag
from tests.dags.conftest import MockServer, Outcome, reported
from tests.queries import rows

RunDag = Callable[..., Outcome]

END_OF_2019 = datetime(2020, 1, 1, tzinfo=UTC)
CHART = "per-capita-energy-use"
FORM = {"source": "owid_grapher", "rule": "plausible_range", "since": "2020-01-01"}

OBSERVATIONS = "select ref_area, indicator, time_period, obs_value from core.observation order by 1, 2, 3"
LOADS = "select dag_id, state, accepted_rows, rejected_rows, added, unchanged from ops.load order by load_id"


def updated_assets(run: Outcome) -> list[Any]:
    """The assets for which a run emitted events."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session

    names = select(AssetModel.name).join(AssetEvent, AssetEvent.asset_id == AssetModel.id)
    with create_session() as session:
        return sorted(session.scalars(names.where(AssetEvent.source_run_id == run.run_id)))


def test_the_form_requires_the_choice_of_a_source() -> None:
    from airflow.sdk.exceptions import ParamValidationError

    form = deepcopy(dag_bag().dags["replay_rejected"].params)
    with pytest.raises(ParamValidationError, match="No value passed"):
        form.validate()
    form["source"] = "owid_grapher"
    assert form.validate()["dry_run"] is True


def test_a_dry_run_changes_nothing_and_a_real_run_loads(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mock_server.fault("out_of_range", CHART, times=50)
    assert run_dag("ingest_owid_grapher", END_OF_2019).state == "success"
    before, requested = rows(warehouse, OBSERVATIONS), mock_server.requests()
    # 28 countries × 7 indicators, one of them too much.
    assert len(before) == 195
    rules = load_rules()
    remaining = [rule for rule in rules.row_rules if rule.id != "plausible_range"]
    without = rules.model_copy(update={"row_rules": remaining})
    monkeypatch.setattr(ingest, "load_rules", lambda: without)

    dry = run_dag("replay_rejected", datetime(2026, 1, 1, tzinfo=UTC), **FORM)
    assert dry.state == "success"
    assert "| plausible_range | 1 | 0 | 1 | 0 |" in reported("replay_rejected").splitlines()
    assert rows(warehouse, OBSERVATIONS) == before
    assert rows(warehouse, LOADS) == [("ingest_owid_grapher", "published", 195, 1, 195, 0)]
    assert updated_assets(dry) == []

    real = run_dag("replay_rejected", datetime(2026, 1, 2, tzinfo=UTC), **FORM, dry_run=False)
    assert real.state == "success"
    assert rows(warehouse, LOADS)[1:] == [("replay_rejected", "published", 196, 0, 1, 195)]
    assert set(before) < set(rows(warehouse, OBSERVATIONS))
    assert len(rows(warehouse, OBSERVATIONS)) == 196
    assert updated_assets(real) == ["observations_owid_grapher", "validations"]
    assert mock_server.requests() == requested
