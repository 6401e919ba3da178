"""Freshness alerts: the message about overdue sources."""

from dataclasses import replace
from datetime import UTC, datetime

from city_indicators.delivery.exports.texts import codes
from city_indicators.orchestration.freshness_alerts import NEXT_STEPS, compose
from city_indicators.warehouse.freshness import Overdue

CO2 = Overdue(
    source="owid_grapher",
    source_name="Our World in Data, grapher",
    indicator="CO2_PC",
    reason="period_missing",
    expected_period="2024",
    newest_period="2023",
    last_requested_at=datetime(2026, 3, 1, 5, tzinfo=UTC),
    last_changed_at=datetime(2025, 1, 2, tzinfo=UTC),
    last_loaded_at=datetime(2025, 1, 3, tzinfo=UTC),
)


def test_one_message_groups_by_source_and_reason() -> None:
    energy = replace(CO2, indicator="ENERGY_PC", newest_period=None)
    wup = replace(CO2, source="un_wup", source_name="WUP", indicator="POP_AGGLO", reason="not_requested")
    message = compose([CO2, energy, wup], "https://airflow.example")
    assert message.subject == "watch_freshness: 2 sources are overdue: owid_grapher, un_wup"
    assert message.text == "\n".join(
        [
            "source: owid_grapher (Our World in Data, grapher)",
            "fault: period_missing: the expected year is missing",
            "indicator: CO2_PC, expected 2024, latest 2023",
            "indicator: ENERGY_PC, expected 2024, latest none",
            "checked: 2026-03-01, changed: 2025-01-02, loaded: 2025-01-03",
            "next step: check whether the publisher has the year: if so, backfill it; if it is always "
            "published later, raise `lag_days` in include/catalog/sources/owid_grapher.yaml",
            "",
            "source: un_wup (WUP)",
            "fault: not_requested: the source was not requested in time",
            "indicator: POP_AGGLO, expected 2024, latest 2023",
            "checked: 2026-03-01, changed: 2025-01-02, loaded: 2025-01-03",
            "next step: check that watch_revisions and ingest_un_wup run, and read the log of their latest "
            "failure",
            "",
            "all sources: https://airflow.example/city-indicators/quality",
        ]
    )


def test_every_freshness_reason_has_a_next_step() -> None:
    assert NEXT_STEPS.keys() == codes()["freshness_reason"].keys() - {"as_expected", "complete"}
