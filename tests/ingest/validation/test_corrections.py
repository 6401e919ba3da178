"""Declared corrections: what they change, what they leave unchanged, and when they fail."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import CatalogueError, CorrectionExpiredError
from city_indicators.core.paths import CORRECTIONS
from city_indicators.ingest.parse import parse_files
from city_indicators.ingest.validation.corrections import DROPPED, Corrected, correct, load_corrections
from city_indicators.ingest.validation.validate import ValidationResult

RowsOf = Callable[..., pd.DataFrame]
Validated = Callable[..., ValidationResult]
Corrects = Callable[..., Corrected]
REFERENCE = "https://publisher.example/errata"
ENTRY: dict[str, Any] = {
    "id": "a-slip",
    "since": "2026-11-24",
    "match": {"indicator": "URB_SHARE", "ref_area": "RUS", "time_period": 2018},
    "action": "set",
    "reason": "two digits changed places",
    "reference": REFERENCE,
    "reported": {"status": "not_reported"},
}
SLIP = {"obs_value": 47.4, "value_as_published": "47.4"}
FLAG = {"action": "flag", "obs_status": "U"}


def write(folder: Path, source: str, *entries: dict[str, Any]) -> Path:
    file = folder / f"{source}.yaml"
    file.write_text(yaml.safe_dump({"corrections": [{**ENTRY, **entry} for entry in entries]}))
    return file


@pytest.fixture
def corrects(catalogue: Catalogue, tmp_path: Path) -> Corrects:
    """Corrects rows of the World Bank by entries that are ENTRY with the given changes."""

    def run(rows: pd.DataFrame, *entries: dict[str, Any]) -> Corrected:
        write(tmp_path, "world_bank", *entries)
        return correct(rows, catalogue.sources["world_bank"], catalogue, tmp_path)

    return run


def test_set_changes_the_value_and_keeps_the_published_one(rows_of: RowsOf, corrects: Corrects) -> None:
    rows = rows_of(SLIP, {"ref_area": "BRA"})
    corrected = corrects(rows, {"value": 74.4, "expect": 47.4})
    assert list(corrected.observations["obs_value"]) == [74.4, 74.4]
    assert list(corrected.observations["value_as_published"]) == ["47.4", "74.4"]
    assert rows.loc[0, "obs_value"] == 47.4, "the input rows must not change"
    (applied,) = corrected.applications
    assert applied.correction.id == "a-slip"
    assert (applied.value_before, applied.value_after) == (47.4, 74.4)
    assert (applied.status_before, applied.status_after) == ("A", "A")
    assert applied.summary() == "a-slip: RUS URB_SHARE 2018: 47.4 A -> 74.4 A"


def test_scale_multiplies_in_decimals(rows_of: RowsOf, corrects: Corrects) -> None:
    row = {"obs_value": 12409.738, "value_as_published": "12409.738"}
    corrected = corrects(rows_of(row), {"action": "scale", "factor": 1000, "expect": 12409.738})
    # 12409.738 × 1000 in binary fractions is 12409737.999999998.
    assert corrected.observations.loc[0, "obs_value"] == 12409738
    assert corrected.applications[0].value_after == 12409738


def test_flag_changes_only_the_status(rows_of: RowsOf, corrects: Corrects) -> None:
    corrected = corrects(rows_of(SLIP), FLAG)
    row = corrected.observations.loc[0]
    assert (row["obs_status"], row["obs_value"]) == ("U", 47.4)
    (applied,) = corrected.applications
    assert (applied.status_before, applied.status_after) == ("A", "U")


def test_a_dropped_row_is_rejected_with_the_reason_of_its_correction(
    rows_of: RowsOf, corrects: Corrects, validated: Validated
) -> None:
    corrected = corrects(rows_of(SLIP, {"ref_area": "BRA"}), {"action": "drop", "expect": 47.4})
    result = validated(corrected.observations)
    assert list(result.accepted["ref_area"]) == ["BRA"]
    (rejected,) = result.rejected.to_dict("records")
    assert (rejected["rule"], rejected["ref_area"]) == (DROPPED, "RUS")
    assert rejected["reason"] == f"correction a-slip: two digits changed places ({REFERENCE})"
    assert (corrected.applications[0].value_before, corrected.applications[0].value_after) == (47.4, None)


def test_accepts_a_value_that_was_not_a_number_once_it_is_set(
    rows_of: RowsOf, corrects: Corrects, validated: Validated
) -> None:
    row = {"obs_value": float("nan"), "value_as_published": "537.777.811"}
    corrected = corrects(rows_of(row), {"value": 53.7, "expect": "537.777.811"})
    assert corrected.applications[0].value_before is None
    assert list(validated(corrected.observations).accepted["obs_value"]) == [53.7]


@pytest.mark.parametrize(
    ("published", "expect"), [("74.4", 47.4), ("47.41", 47.4), ("n/a", 47.4), ("74.4", "537.777.811")]
)
def test_a_correction_fails_once_the_publisher_gives_another_value(
    rows_of: RowsOf, corrects: Corrects, tmp_path: Path, published: str, expect: object
) -> None:
    rows = rows_of({"value_as_published": published})
    with pytest.raises(CorrectionExpiredError) as failed:
        corrects(rows, {"value": 74.4, "expect": expect})
    for part in (
        str(tmp_path / "world_bank.yaml"),
        "a-slip",
        "RUS, URB_SHARE, 2018",
        f"expects the publisher to give {expect!r}",
        f"it gives {published!r} now",
        "Next step: ",
        "remove the correction",
        "update its `expect`",
    ):
        assert part in str(failed.value)


@pytest.mark.parametrize("published", ["47.4", "47.40", "47.400000000000006"])
def test_expect_compares_numbers_and_not_digits(rows_of: RowsOf, corrects: Corrects, published: str) -> None:
    rows = rows_of({**SLIP, "value_as_published": published})
    assert corrects(rows, {"value": 74.4, "expect": 47.4}).observations.loc[0, "obs_value"] == 74.4


def test_without_expect_any_value_is_corrected(rows_of: RowsOf, corrects: Corrects) -> None:
    rows = rows_of({"value_as_published": "12", "obs_value": 12.0})
    assert corrects(rows, {"value": 74.4}).observations.loc[0, "obs_value"] == 74.4


@pytest.mark.parametrize(
    ("match", "flagged"),
    [
        ({"ref_area": ["RUS", "BRA"]}, [0, 1, 2]),
        ({"ref_area": "RUS"}, [0, 1]),
        ({"ref_area": "RUS", "time_period": [2018, 2020]}, [0]),
        ({"ref_area": ["RUS", "BRA"], "time_period": ["2019"]}, [1, 2]),
        ({"area_code": "RU"}, [1]),
        ({"ref_area": "CHN"}, []),
        ({"ref_area": "RUS", "time_period": 1990}, []),
    ],
)
def test_a_match_selects_by_one_or_several_places_and_periods(
    rows_of: RowsOf, corrects: Corrects, match: dict[str, Any], flagged: list[int]
) -> None:
    rows = rows_of(
        {},
        {"time_period": "2019", "area_code": "RU"},
        {"ref_area": "BRA", "time_period": "2019", "area_code": "BRA"},
        {"indicator": "CO2_PC"},
    )
    corrected = corrects(rows, {**FLAG, "match": {"indicator": "URB_SHARE", **match}})
    status = corrected.observations["obs_status"]
    assert list(status[status == "U"].index) == flagged
    assert len(corrected.applications) == len(flagged)


def test_does_not_correct_a_row_that_has_a_fault(rows_of: RowsOf, corrects: Corrects) -> None:
    rows = rows_of({**SLIP, "fault": "unit_fits", "fault_reason": "the unit is unknown"})
    corrected = corrects(rows, {"action": "drop", "expect": 1})
    assert corrected.applications == ()
    assert corrected.observations.loc[0, "fault"] == "unit_fits"


def test_applies_several_corrections_of_an_observation_in_order(rows_of: RowsOf, corrects: Corrects) -> None:
    corrected = corrects(
        rows_of(SLIP),
        {"action": "scale", "factor": 2, "expect": 47.4},
        {"id": "and-uncertain", **FLAG, "expect": 47.4},
    )
    assert corrected.observations.loc[0, ["obs_value", "obs_status"]].to_list() == [94.8, "U"]
    assert [each.correction.id for each in corrected.applications] == ["a-slip", "and-uncertain"]


def test_a_dropped_observation_contradicts_no_other(
    rows_of: RowsOf, corrects: Corrects, validated: Validated
) -> None:
    contradiction = {"distinct_values": 2}
    rows = rows_of(contradiction, {**SLIP, **contradiction, "area_code": "RU"})
    assert len(validated(rows).rejected) == 2
    match = {"indicator": "URB_SHARE", "area_code": "RU"}
    corrected = corrects(rows, {"action": "drop", "match": match, "expect": 47.4})
    result = validated(corrected.observations)
    assert list(result.accepted["obs_value"]) == [74.4]
    assert list(result.rejected["rule"]) == [DROPPED]


@pytest.mark.parametrize(
    ("entry", "key", "fault"),
    [
        ({"value": 1.0, "match": {"indicator": "URB_SHAER", "ref_area": "RUS"}}, "indicator", "URB_SHAER"),
        ({"value": 1.0, "match": {"indicator": "URB_SHARE", "ref_area": "RSU"}}, "ref_area", "RSU"),
        ({"value": 1.0, "match": {"indicator": "URB_SHARE"}}, "match", "area_code"),
        ({"value": 1.0, "match": {"ref_area": "RUS"}}, "match.indicator", "required"),
        ({}, "corrections.0", "set requires ['value'], got []"),
        ({"action": "scale", "value": 1.0}, "corrections.0", "scale requires ['factor'], got ['value']"),
        ({"action": "drop", "factor": 2.0}, "corrections.0", "drop requires no key"),
        ({"action": "flag", "obs_status": "X"}, "obs_status", "Input should be"),
        ({"action": "guess"}, "action", "Input should be"),
        ({"value": float("nan")}, "value", "finite"),
        ({"value": 1.0, "reference": "an e-mail"}, "reference", "match pattern"),
        ({"value": 1.0, "reported": {"status": "reported"}}, "reported", "give `to` (whom)"),
        ({"value": 1.0, "expects": 2}, "expects", "not permitted"),
    ],
)
def test_an_error_in_the_file_names_file_key_and_fault(
    rows_of: RowsOf, corrects: Corrects, tmp_path: Path, entry: dict[str, Any], key: str, fault: str
) -> None:
    with pytest.raises(CatalogueError) as failed:
        corrects(rows_of({}), entry)
    assert str(failed.value).startswith(f"{tmp_path / 'world_bank.yaml'}: ")
    assert key in str(failed.value)
    assert fault in str(failed.value)


def test_refuses_a_repeated_id(rows_of: RowsOf, corrects: Corrects) -> None:
    with pytest.raises(CatalogueError, match="a-slip: is declared more than once"):
        corrects(rows_of({}), {"value": 1.0}, {"value": 2.0})


def test_a_source_without_corrections_is_unchanged(
    rows_of: RowsOf, catalogue: Catalogue, tmp_path: Path
) -> None:
    rows = rows_of(SLIP)
    corrected = correct(rows, catalogue.sources["world_bank"], catalogue, tmp_path)
    assert corrected.applications == ()
    assert corrected.observations[list(SLIP)].equals(rows[list(SLIP)])


def test_every_shipped_file_names_a_source_and_expects_a_value(catalogue: Catalogue) -> None:
    files = sorted(CORRECTIONS.glob("*.yaml"))
    assert files
    for file in files:
        declared = load_corrections(catalogue.sources[file.stem])
        assert all(correction.expect is not None for correction in declared.corrections), file


def test_the_breaks_of_2018_in_waste_collection_are_flagged(catalogue: Catalogue, shared: Path) -> None:
    """The file's column Source says UN-Habitat up to 2015 and World Bank, What a Waste, in 2018."""
    file = shared / "data" / "un_sdg_goal11" / "Goal11_slums_wastecollection.xlsx"
    parsed = parse_files("un_sdg_waste", [file], catalogue)
    broken = parsed.accepted[parsed.accepted["obs_status"] == "B"]
    found = broken.set_index("ref_area")[["time_period", "obs_value"]].T.to_dict("list")
    assert found == {"bangkok": ["2018", 100.0], "jakarta": ["2018", 80.0], "lagos": ["2018", 10.0]}
    assert parsed.summary().splitlines()[1:] == [
        "corrected by bangkok-2018-other-compiler: bangkok WASTE_COLLECTION 2018: 100.0 A -> 100.0 B",
        "corrected by jakarta-2018-other-compiler: jakarta WASTE_COLLECTION 2018: 80.0 A -> 80.0 B",
        "corrected by lagos-2018-other-compiler: lagos WASTE_COLLECTION 2018: 10.0 A -> 10.0 B",
    ]


def test_the_compiler_changes_in_2018_as_the_corrections_state(shared: Path) -> None:
    table = pd.read_excel(
        shared / "data" / "un_sdg_goal11" / "Goal11_slums_wastecollection.xlsx",
        sheet_name="data",
        engine="calamine",
    )
    rows = table[table["SeriesCode"] == "EN_REF_WASCOL"]
    for city in ("TH_BANGKOK", "ID_JAKARTA", "NG_LAGOS"):
        sources = rows[rows["Cities"] == city].set_index("TimePeriod")["Source"]
        assert sources[2018].startswith("World Bank (2018). What A Waste")
        assert set(sources.drop(2018)) == {"United Nations Human Settlements Programme (UN-Habitat)"}
