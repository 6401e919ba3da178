"""The largest differences between reference values and our results for trends.

`python -m tests.acceptance.trends.differences` writes them into docs/explanation/trends.md,
between the two markers.
"""

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd

from city_indicators.analytics.trends.city_system import city_systems
from city_indicators.analytics.trends.convergence import convergence
from city_indicators.analytics.trends.declared import Declared, Window, load_declared
from city_indicators.analytics.trends.trend import trends
from city_indicators.catalog import load_catalogue
from city_indicators.core.paths import PROJECT

DOCUMENT: Final = PROJECT / "docs" / "explanation" / "trends.md"
MARKERS: Final = ("<!-- differences -->", "<!-- /differences -->")
OF_SERIES: Final = {
    **{"cagr": "cagr", "log_ols_growth": "log_growth", "theil_sen": "slope", "ts_lo95": "slope_low"},
    **{"ts_hi95": "slope_high", "mk_S": "mk_s", "mk_z": "mk_z", "mk_p": "mk_p", "mk_tau": "mk_tau"},
    **{"hr_z": "mk_z_corrected", "hr_p": "mk_p_corrected", "n": "n", "t0": "first_year", "t1": "last_year"},
}
OF_CITIES: Final = {
    **{"n": "places", "total": "total", "gini": "gini", "theil_T": "theil", "hhi": "hhi"},
    **{"primacy_1_2": "primacy_two", "primacy_share": "primacy_share", "primacy_4city": "primacy_four"},
    **{"sigma_log": "sigma", "cv": "variation", "zipf_b_rank_half_top50": "zipf_exponent"},
    **{"zipf_se_gabaix": "zipf_se"},
}
OF_GROUP: Final = {
    ("beta", "b"): "beta",
    ("beta", "se"): "beta_se",
    ("beta", "se_hc1"): "beta_se_hc1",
    ("beta", "p"): "beta_p",
    ("beta", "r2"): "r2",
    ("beta", "speed_lambda"): "speed",
    ("beta", "half_life_years"): "half_life",
    ("beta", "n"): "places",
    ("beta", "t0"): "first_year",
    ("beta", "t1"): "last_year",
    ("sigma_trend", "z"): "sigma_mk_z",
    ("sigma_trend", "p"): "sigma_mk_p",
    ("sigma_trend", "sens_slope"): "sigma_slope",
    ("rank_mobility", "kendall"): "rank_kendall",
    ("rank_mobility", "spearman"): "rank_spearman",
}
OF_NILE: Final = {"mk_z": "mk_z", "mk_p": "mk_p", "sen": "slope", "pettitt_p": "pettitt_p"}
SIZE: Final = "POP_AGGLO"


def declared() -> Declared:
    """The declarations of the catalogue, for all years and the size indicator of the reference."""
    everything = Window.model_validate({"id": "all", "name": {"en": "All", "ru": "Все", "zh": "全部"}})
    return load_declared(load_catalogue()).model_copy(update={"windows": (everything,), "sizes": (SIZE,)})


def series(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The 33 country series: expected and found, row by row."""
    expected = pd.read_csv(folder / "series_expected.csv").sort_values(["variable", "iso3"])
    inputs = pd.read_csv(folder / "series_inputs.csv").rename(
        columns={"iso3": "ref_area", "variable": "indicator", "year": "time_period", "value": "obs_value"}
    )
    return expected, trends(inputs.assign(obs_status="A"), declared())


def nile(folder: Path) -> tuple[dict[str, Any], pd.Series]:
    """The flow of the Nile."""
    inputs = pd.read_csv(folder / "nile_inputs.csv").rename(
        columns={"year": "time_period", "volume": "obs_value"}
    )
    found = trends(inputs.assign(indicator="FLOW", ref_area="nile", obs_status="A"), declared())
    return _expected(folder)["nile"], found.iloc[0]


def cities(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sizes of the municipalities, year by year."""
    found = city_systems(*_municipalities(folder), declared())
    return pd.read_csv(folder / "cities_expected_by_year.csv"), found


def group(folder: Path) -> tuple[dict[str, Any], pd.Series]:
    """The convergence of the municipalities."""
    return _expected(folder), convergence(*_municipalities(folder), declared()).iloc[0]


def differences(folder: Path) -> pd.DataFrame:
    """For each quantity: the number of values, and the largest absolute value and difference."""
    compared = []
    for label, (expected, found), names in (
        ("33 country series", series(folder), OF_SERIES),
        ("339 municipalities by year", cities(folder), OF_CITIES),
    ):
        compared += [
            (label, ours, expected[theirs].to_numpy(float), found[ours].to_numpy(float))
            for theirs, ours in names.items()
        ]
    of_group, group_found = group(folder)
    compared += [
        ("339 municipalities, 2001–2020", ours, *_one(of_group[part][theirs], group_found[ours]))
        for (part, theirs), ours in OF_GROUP.items()
    ]
    of_nile, nile_found = nile(folder)
    compared += [
        ("Nile, 1871–1970", ours, *_one(of_nile[theirs], nile_found[ours]))
        for theirs, ours in OF_NILE.items()
    ]
    return pd.DataFrame(
        [
            {
                "reference": label,
                "column": name,
                "observations": len(theirs),
                "largest": abs(theirs).max(),
                "difference": abs(theirs - ours).max(),
            }
            for label, name, theirs, ours in compared
        ]
    )


def _municipalities(folder: Path) -> tuple[pd.DataFrame, dict[tuple[str, str], list[str]]]:
    wide = pd.read_csv(folder / "cities_inputs.csv", dtype={"asdf_id": str})
    inputs = wide.melt("asdf_id", var_name="time_period", value_name="obs_value").rename(
        columns={"asdf_id": "ref_area"}
    )
    return inputs.assign(indicator=SIZE, obs_status="A"), {("all", "city"): list(wide["asdf_id"])}


def _expected(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return read


def _one(expected: float, found: float) -> tuple[Any, Any]:
    return pd.Series([float(expected)]).to_numpy(), pd.Series([float(found)]).to_numpy()


def main() -> None:
    """Write the table into the document."""
    table = differences(PROJECT.parent / "shared" / "acceptance" / "trends")
    lines = [
        "| reference | column | observations | largest observation | largest difference |",
        "|---|---|--:|--:|--:|",
    ]
    lines += [
        f"| {row.reference} | `{row.column}` | {row.observations} "
        f"| {row.largest:.4g} | {row.difference:.1g} |"
        for row in table.itertuples()
    ]
    before, rest = DOCUMENT.read_text(encoding="utf-8").split(MARKERS[0])
    after = rest.split(MARKERS[1])[1]
    written = f"{before}{MARKERS[0]}\n" + "\n".join(lines) + f"\n{MARKERS[1]}{after}"
    DOCUMENT.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
