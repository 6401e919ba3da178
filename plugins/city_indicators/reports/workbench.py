"""Ratings by a method that a reader tries. Writes nothing."""

from typing import Final, NamedTuple

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.uncertainty import uncertainty
from city_indicators.core.errors import MethodError
from city_indicators.reports.past import reference_as_of
from city_indicators.reports.ratings import INTERVALS, computed
from city_indicators.reports.tables import Vintage
from city_indicators.warehouse.moment import Moment

DRAWS: Final = 200
"""Draws of the uncertainty analysis: enough for an answer within a second."""


class Tried(NamedTuple):
    """One row per city with the columns of the scores of a rating and of the intervals of ranks.

    Without an uncertainty analysis there are no intervals; `fault` is why a declared one is not possible.
    """

    cities: pd.DataFrame
    fault: str | None


def tried(connection: Connection, method: Method, period: str, known_at: Moment) -> Tried:
    """Rate the cities in a year by any method, from the data known at a moment.

    Raises:
        MethodError: the observations do not fit the method.
    """
    declared = method.uncertainty
    if declared:
        fewer = declared.model_copy(update={"draws": min(declared.draws, DRAWS)})
        method = method.model_copy(update={"uncertainty": fewer})
    reference = reference_as_of(connection, known_at).reference
    rating = computed(connection, method, reference, [period], Vintage(known_at))
    keys, fault = ["time_period", "ref_area"], None
    drawn = pd.DataFrame(columns=[*keys, *INTERVALS])
    if declared:
        try:
            drawn = uncertainty(rating.steps).intervals
        except MethodError as error:
            fault = str(error)
    return Tried(rating.scores.merge(drawn, "left", keys), fault)
