"""Writes docs/data-dictionary.md from the catalogue: `make docs`."""

from collections.abc import Iterable, Sequence
from typing import Final

from city_indicators.catalog.load import load_catalogue
from city_indicators.catalog.models import Catalogue
from city_indicators.paths import PROJECT

FILE: Final = PROJECT / "docs" / "data-dictionary.md"

HEAD: Final = """\
# Data dictionary

Made from `include/catalog` by `make docs`; do not edit.
"""

REPORTS: Final = (
    ("report.rating", "rating × year × city", "score, rank, coverage, city-level share, why not ranked"),
    ("report.rating_pillar", "rating × year × city × pillar", "score, coverage and contribution of a pillar"),
    (
        "report.rating_indicator",
        "rating × year × city × indicator",
        "the figure used, its period, basis, source, version and correction, and what it adds to the score",
    ),
    (
        "report.city_profile",
        "city × indicator",
        "the latest observed figure with source, licence and correction",
    ),
    (
        "report.data_coverage",
        "indicator × period × source × basis",
        "how many places and cities have a figure",
    ),
    (
        "report.data_quality",
        "source × load",
        "rules run and failed, rows rejected by rule and the trend, freshness, coverage",
    ),
    (
        "report.rejected_rows",
        "rejected row of a source's latest load",
        "the value as published, the rule it breaks, the reason and where it stands",
    ),
    (
        "report.remarks",
        "figure of today × rule",
        "what an info rule remarks, such as another publisher's different figure, with both values",
    ),
    ("report.corrections", "corrected version of a figure", "what was corrected, why and by which reference"),
    (
        "report.unmatched_places",
        "source × place",
        "names in our countries that no alias knows, with candidates",
    ),
    ("core.observation", "place × indicator × period × source", "what each source says now"),
    ("core.observation_version", "… × version", "what each source ever said, and since when we knew"),
)


def dictionary(catalogue: Catalogue) -> str:
    """The data dictionary as Markdown."""
    units = catalogue.units
    return "\n".join(
        [
            HEAD,
            "## Tables for researchers\n",
            _table(("table", "grain", "holds"), ((f"`{name}`", *rest) for name, *rest in REPORTS)),
            "## Indicators\n",
            _table(
                ("id", "English", "русский", "中文", "unit", "better", "pillar", "definition", "plausible"),
                (
                    (
                        f"`{i.id}`",
                        *(i.name.en, i.name.ru, i.name.zh),
                        units[i.unit].name.en,
                        i.direction,
                        i.pillar,
                        i.definition,
                        f"{i.range[0]:g} to {i.range[1]:g}",
                    )
                    for i in catalogue.indicators.values()
                ),
            ),
            "## Sources\n",
            _table(
                ("id", "publisher", "licence", "gives", "attribution"),
                (
                    (
                        f"`{s.id}`",
                        s.publisher,
                        f"[{s.licence}]({s.licence_url})",
                        ", ".join(f"`{i}`" for i in dict.fromkeys(series.indicator for series in s.series)),
                        s.attribution,
                    )
                    for s in catalogue.sources.values()
                ),
            ),
            "## Units\n",
            _table(
                ("id", "English", "русский", "中文"),
                ((f"`{u.id}`", u.name.en, u.name.ru, u.name.zh) for u in units.values()),
            ),
        ]
    )


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    FILE.write_text(dictionary(load_catalogue()), encoding="utf-8")
