"""The worked case of docs/explanation/best-practice-evidence.md, in the page and in the demo's tables."""

import re

from sqlalchemy import Connection, text

from city_indicators.core.paths import PROJECT

Rows = dict[str, tuple[str, ...]]
DECIMALS = {"peers": 0, "placebo_p": 2, "slope_gap_p": 2, "gap_p": 4}
PLACES = text(
    """
    select
        place.name_en,
        avg(obs.obs_value) filter (where obs.time_period < evidence.start_year::text) as before,
        avg(obs.obs_value) filter (where obs.time_period > evidence.start_year::text) as after
    from report.best_practice_evidence as evidence
    cross join unnest(evidence.ref_area || evidence.peer_cities) as city (ref_area)
    inner join catalog.ref_area as place on city.ref_area = place.ref_area
    inner join core.observation as obs
        on
            city.ref_area = obs.ref_area
            and evidence.indicator = obs.indicator and evidence.source = obs.source
            and obs.time_period between evidence.first_year::text and evidence.last_year::text
    where evidence.case_id = 'metro-2005-kazan'
    group by place.name_en
    """
)
EVIDENCE = text("select * from report.best_practice_evidence where case_id = 'metro-2005-kazan'")
OPENINGS = text("select * from report.best_practice_evidence where case_id like 'metro-%'")


def in_tables(connection: Connection) -> dict[str, Rows]:
    """The rows of the page's three tables, by name and first cell, from the warehouse."""
    evidence = connection.execute(EVIDENCE).one()._mapping
    openings = connection.execute(OPENINGS).mappings()
    columns = list(in_document()["evidence"])
    return {
        "peers": {
            name: (shown(before), shown(after), shown(after - before))
            for name, before, after in connection.execute(PLACES)
        },
        "evidence": {name: (shown(evidence[name], DECIMALS.get(name, 1)),) for name in columns},
        "openings": {
            f"{row['city_name_en']} {row['start_year']}": (
                shown(row["did"], 0),
                shown(row["placebo_p"], 2),
                ", ".join(filter(None, (row["verdict"], row["verdict_reason"]))),
            )
            for row in openings
        },
    }


def in_document() -> dict[str, Rows]:
    """The same rows from the page."""
    document = (PROJECT / "docs" / "explanation" / "best-practice-evidence.md").read_text(encoding="utf-8")
    tables = re.findall(r"<!-- (\w+) -->\n(.*?)\n\n", document, re.DOTALL)
    return {name: dict(_rows(table)) for name, table in tables}


def shown(value: float | str | None, decimals: int = 1) -> str:
    """A number as the page writes it."""
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:.{decimals}f}".replace("-", "−")


def _rows(table: str) -> list[tuple[str, tuple[str, ...]]]:
    cells = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    return [(row[0], tuple(cell.replace("`", "") for cell in row[1:])) for row in cells]
