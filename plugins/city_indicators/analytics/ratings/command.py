"""`python -m city_indicators rate`: rates any data by any method, without Airflow or a database."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from city_indicators.core.errors import GroupsError, MethodError, RatingInputError

if TYPE_CHECKING:
    import pandas as pd

    from city_indicators.analytics.ratings.engine import Rating


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("method", type=Path, metavar="METHOD.yaml")
    parser.add_argument(
        "--inputs",
        type=Path,
        required=True,
        metavar="VALUES.csv",
        help="columns unit, indicator, value; optional: period, obs_status and geo_basis",
    )
    parser.add_argument(
        "--groups", type=Path, metavar="GROUPS.csv", help="columns unit and one per group; optional: period"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for all tables; without it the scores are printed"
    )


def run(chosen: Namespace) -> int:
    """Rate, and write or print the tables; returns 0, or 1 if nobody is ranked.

    Raises:
        CatalogueError: the method is invalid.
        RatingInputError: the inputs are invalid, or do not fit the method.
    """
    from city_indicators.analytics.ratings.engine import rate
    from city_indicators.analytics.ratings.inputs import read_groups, read_inputs
    from city_indicators.analytics.ratings.read import read_method

    method = read_method(chosen.method)
    inputs = read_inputs(chosen.inputs, method)
    if inputs.projections:
        print(f"projections (obs_status F) left out: {inputs.projections}", file=sys.stderr)
    groups = read_groups(chosen.groups) if chosen.groups else None
    try:
        rating = rate(method, inputs.units, inputs.values, groups=groups)
        tables = _tables(rating) if chosen.out else {"scores": rating.scores}
    except GroupsError as error:
        raise RatingInputError(chosen.groups or "--groups", method.id, str(error)) from error
    except MethodError as error:
        raise RatingInputError(chosen.inputs, method.id, str(error)) from error
    for warning in rating.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if chosen.out is None:
        _as_inputs(tables["scores"]).to_csv(sys.stdout, index=False, lineterminator="\n")
    else:
        chosen.out.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            _as_inputs(table).to_csv(chosen.out / f"{name}.csv", index=False, lineterminator="\n")
        print(f"wrote {', '.join(f'{name}.csv' for name in tables)} to {chosen.out}")
    return _outcome(rating)


def _outcome(rating: "Rating") -> int:
    """0, or 1 if nobody is ranked in any period, with the reasons; a period without ranks is a warning."""
    scores = rating.scores
    ranked = scores.groupby("time_period")["rank"].count()
    if not ranked.any():
        reasons = scores["reason_code"].value_counts().sort_index().items()
        print(f"nobody is ranked: {', '.join(f'{name} {count}' for name, count in reasons)}", file=sys.stderr)
        return 1
    for period in ranked.index[ranked == 0]:
        print(f"warning: nobody is ranked in {period}", file=sys.stderr)
    return 0


def _tables(rating: "Rating") -> dict[str, "pd.DataFrame"]:
    from city_indicators.analytics.ratings.coherence import coherence
    from city_indicators.analytics.ratings.sensitivity import sensitivity
    from city_indicators.analytics.ratings.uncertainty import scenarios, uncertainty

    tables = {
        "scores": rating.scores,
        "pillars": rating.pillars,
        "indicators": rating.indicators,
        "coherence": coherence(rating.steps),
        "sensitivity": sensitivity(rating.steps),
    }
    if rating.steps.chain.method.uncertainty:
        drawn = uncertainty(rating.steps)
        draws = drawn.draws
        draws = draws.assign(parameters=draws["parameters"].map(json.dumps))
        tables |= {"uncertainty": drawn.intervals, "pairs": drawn.pairs, "draws": draws}
        tables["scenarios"] = scenarios(rating.steps)
    return tables


def _as_inputs(table: "pd.DataFrame") -> "pd.DataFrame":
    """Rename columns as in the inputs, keys first; without a column of periods if the inputs have none."""
    named = table.rename(
        columns={
            "ref_area": "unit",
            "other_ref_area": "other_unit",
            "obs_value": "value",
            "time_period": "period",
        }
    )
    if "period" in named and (named["period"] == "").all():
        named = named.drop(columns="period")
    keys = [name for name in ("period", "unit") if name in named]
    return named[[*keys, *(column for column in named if column not in keys)]]
