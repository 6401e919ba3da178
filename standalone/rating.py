"""Prints the top ten of the ratings, the first result that a user sees."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from standalone import databases
from standalone.errors import RunsFailedError
from standalone.postgres import Server

COLUMNS = ("Rank", "City", "Country", "Score", "Coverage", "City-level share", "by weight")


def show(server: Server, ratings: Sequence[str], console: Console) -> None:
    """Print the top ten cities of every rating, in its latest year.

    Raises:
        RunsFailedError: no rating has a ranked city.
    """
    tables = [table for rating in ratings if (table := _table(server, rating))]
    if not tables:
        raise RunsFailedError(
            "every run ended, but the report tables are empty",
            "read the logs of refresh_reports in .local/logs/tasks",
        )
    for table in tables:
        console.print(table)


def _table(server: Server, rating: str) -> Table | None:
    rows = databases.top_ten(server, rating)
    if not rows:
        return None
    first = rows[0]
    table = Table(
        title=f"{rating} {first['time_period']}: the first ten of {first['n_ranked']} ranked cities"
        + (" (draft)" if first["method_status"] == "draft" else "")
    )
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in ("City", "Country") else "right")
    for row in rows:
        table.add_row(
            str(row["rank"]),
            row["city_name_en"],
            row["country"],
            f"{row['score']:.1f}",
            f"{row['coverage']:.0%}",
            f"{row['city_level_share']:.0%}",
            f"{row['city_level_weight']:.0%}",
        )
    return table
