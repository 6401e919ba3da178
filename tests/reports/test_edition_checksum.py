"""The checksum of an edition: the same rows always give the same checksum."""

import numpy as np
import pandas as pd

from city_indicators.reports.editions.freeze import checksum

MOSCOW = ("Moscow", "Москва", "莫斯科")
TABLES = {
    "rating_pillar": pd.DataFrame(
        [
            (
                "first",
                "2022",
                "moscow",
                "air",
                "first",
                "Air",
                "Воздух",
                "空气",
                0.5,
                0.625,
                71.25,
                1,
                0.75,
                44.5,
            ),
            (
                "first",
                "2022",
                "paris",
                "air",
                "first",
                "Air",
                "Воздух",
                "空气",
                0.5,
                None,
                None,
                None,
                0.0,
                None,
            ),
        ],
        columns=[
            *("rating", "time_period", "ref_area", "pillar", "parent"),
            *("pillar_name_en", "pillar_name_ru", "pillar_name_zh"),
            *("weight", "weight_effective", "score", "rank", "coverage", "contribution"),
        ],
    ),
    "rating": pd.DataFrame(
        [
            (
                *("first", "2022", "moscow", "1.0", *MOSCOW, "RUS", ["BRICS", "EAEU"]),
                *(71.25, 70.1, 69.9, 1.0, 1, "large", 1, 1.0, 1.5, 2.05, 0.9, 1.0),
                *(0.75, 1 / 3, 0.0, "ranked", None),
            ),
            (
                *("first", "2022", "paris", "1.0", "Paris", 'Париж, "свет"', "巴黎", "FRA", []),
                *(np.nan, np.nan, np.nan, np.nan, 1, None, None, None, None, None, None, None),
                *(0.0, 0.0, 0.0, "not_ranked", "no_data"),
            ),
        ],
        columns=[
            *("rating", "time_period", "ref_area", "method_version"),
            *("city_name_en", "city_name_ru", "city_name_zh", "country", "city_groups"),
            *(
                "score",
                "score_arithmetic",
                "score_geometric",
                "rank",
                "n_ranked",
                "size_class",
                "rank_in_size_class",
            ),
            *("rank_p05", "rank_median", "rank_p95", "p_top3", "p_top10"),
            *("coverage", "city_level_share", "imputed_share", "status", "reason_code"),
        ],
    ),
    "rating_indicator": pd.DataFrame(
        [
            (
                *("first", "2022", "moscow", "pm25", "air", 9.123456789012345, "UG_M3", "2021", "E", "city"),
                *("who_air_quality", "moscow", 2.0, "population", 1.27e7, "2021", "un_wup", "moscow", 3.0),
                *(7.18e-07, "log", 35.0, 5.0, 80.5, 0.25, 20.125, 4.0, 19.5, "declared, by hand"),
            ),
            (
                *("first", "2022", "paris", "pm25", "air", *[None] * 8),
                *(*[None] * 6, None, "none", None, None, None, None, None, None, None, None),
            ),
        ],
        columns=[
            *("rating", "time_period", "ref_area", "indicator"),
            *("pillar", "raw_value", "unit_measure", "raw_time_period", "obs_status", "geo_basis"),
            *("source", "source_ref_area", "version"),
            *("denominator", "denominator_value", "denominator_time_period", "denominator_source"),
            *("denominator_source_ref_area", "denominator_version", "treated_value", "treatment"),
            *("goalpost_worst", "goalpost_best", "normalised", "weight", "contribution"),
            *("strength_rank", "gap_to_best", "correction"),
        ],
    ),
}


def test_the_checksum_of_the_same_rows_stays_the_same() -> None:
    assert checksum(TABLES) == "ad4c74ec38a318ba9a0360665483be92dcda3bce30d549cb7234ee9aaf9d55fe"


def test_a_checksum_depends_on_every_cell() -> None:
    found = {checksum(TABLES)}
    for name, rows in TABLES.items():
        for column in rows.columns:
            other = rows.copy()
            other[column] = other[column].iloc[::-1].to_numpy()
            if list(map(str, other[column])) != list(map(str, rows[column])):
                digest = checksum({**TABLES, name: other})
                assert digest not in found, column
                found.add(digest)
    assert len(found) > 50
