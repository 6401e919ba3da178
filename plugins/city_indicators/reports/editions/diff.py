"""Compares an edition with today: splits the change of each score into data, method and city set.

From the edition to today, one thing changes at a time: the values of the observations it used (revised data),
observations first known later (new data), the method, the cities and groups. The difference of each step is a
column, and the columns sum to the total change. The method and data of an edition must give the published
scores with today's code too; if the code ever rounds differently, that difference counts as a change of
method.
"""

from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Row

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.core.languages import DECLARED
from city_indicators.reports.past import method_of, methods_as_of, reference_as_of, reference_of
from city_indicators.reports.ratings import computed, scores
from city_indicators.reports.tables import Vintage
from city_indicators.reports.write import delete, write
from city_indicators.warehouse.database import frame, statement
from city_indicators.warehouse.moment import NOW, Moment

STEPS: Final = ("revised_data", "new_data", "method", "city_set")
NAMES: Final = [f"city_name_{language}" for language in DECLARED]


def compare_all(connection: Connection, at: datetime, known_at: Moment = NOW) -> int:
    """Recompute report.edition_diff for every edition of an active rating; returns the number of editions.

    Today's data are those of a point in time.

    The comparison of a discontinued rating stays as it was.
    """
    methods = methods_as_of(connection)
    editions = [row for row in connection.execute(statement("editions/all")) if row.rating in methods]
    if not editions:
        return 0
    today = reference_as_of(connection).reference
    for edition in editions:
        rows = compare(connection, edition, methods[edition.rating], today, known_at)
        key = {"rating": edition.rating, "edition": edition.edition}
        delete(connection, "edition_diff", **key)
        write(connection, "edition_diff", rows.assign(**key, compared_at=at))
    return len(editions)


def compare(
    connection: Connection, edition: Row[Any], method: Method, today: Reference, known_at: Moment = NOW
) -> pd.DataFrame:
    """The columns of report.edition_diff except its key and time, one row per city of then or now.

    `edition` has the columns of editions/all; `method` and `today` are the current method and reference, and
    `known_at` is the moment of today's data.
    """
    own_method = method_of(connection, edition.rating, edition.method_version)
    own_cities = reference_of(connection, edition.reference_id)

    def rated(by: Method, cities: Reference, vintage: Vintage) -> pd.DataFrame:
        return scores(computed(connection, by, cities, [edition.time_period], vintage), cities)

    published = frame(
        connection, "editions/published_scores", rating=edition.rating, edition=edition.edition
    ).set_index("ref_area")
    again = rated(own_method, own_cities, Vintage(edition.known_at))
    stages = {
        "again": again,
        "revised_data": rated(own_method, own_cities, Vintage(known_at, keys_known_at=edition.known_at)),
        "new_data": rated(own_method, own_cities, Vintage(known_at)),
        "method": rated(method, own_cities, Vintage(known_at)),
        "city_set": rated(method, today, Vintage(known_at)),
    }
    changes = pd.DataFrame(
        {"published": published["score"]}
        | {name: rows.set_index("ref_area")["score"] for name, rows in stages.items()}
    ).astype(float)
    named = pd.concat([stages["city_set"], again]).drop_duplicates("ref_area").set_index("ref_area")
    rows = named[NAMES].join(split(changes)).join(published["rank"].rename("rank_as_published"))
    rows = rows.join(stages["city_set"].set_index("ref_area")["rank"].rename("rank_today"))
    rows = rows.assign(time_period=edition.time_period, method_version_today=method.version)
    return rows.reset_index().sort_values("ref_area", ignore_index=True)


def split(scores: pd.DataFrame) -> pd.DataFrame:
    """Split the change of each score into steps.

    `scores` has one row per city and the columns published, again and STEPS, missing if there is no score.
    Returns score_as_published, score_today, a column delta_<step> for each step, which sum to the change, and
    appeared_with and disappeared_with: the step in which a city got or lost its score.
    """
    before = scores[["again", *STEPS[:-1]]].set_axis(STEPS, axis=1)
    after = scores[list(STEPS)]
    deltas = after - before
    # The difference due to changed code.
    deltas["method"] += scores["again"] - scores["published"]
    appeared, disappeared = before.isna() & after.notna(), before.notna() & after.isna()
    return pd.DataFrame(
        {
            "score_as_published": scores["published"],
            "score_today": scores["city_set"],
            **{f"delta_{step}": deltas[step] for step in STEPS},
            "appeared_with": appeared.idxmax(axis=1).where(appeared.any(axis=1), None),
            "disappeared_with": disappeared.idxmax(axis=1).where(disappeared.any(axis=1), None),
        }
    )
