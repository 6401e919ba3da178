"""Builds themes of the GHS Urban Centre Database as large as the real ones, from their real rows."""

import zipfile
from io import BytesIO
from itertools import cycle
from typing import Final

import pandas as pd

from city_indicators.catalog import Catalogue, Source
from city_indicators.sources.ghs_ucdb import NAME, PEOPLE
from demo.mock_sources.ghs_ucdb import LEADING, attributes
from demo.sample.tables import load_table

CENTRES: Final = 11_422
ID, COUNTRY = "ID_UC_G0", "GC_CNT_GAD_2025"
NAMESAKES: Final = [
    ("Moscow", "Russia"),
    ("Alexandria", "Egypt"),
    ("London", "Canada"),
    ("Madrid", "Colombia"),
    ("Paris", "United States"),
    ("Toronto", "Australia"),
    ("Cairo", "United States"),
]
"""Other places with the names of our cities, in the country of the city only if its id is declared."""
FOREIGN: Final = ("Italy", "Poland", "Kenya", "China", "India", "México", "Türkiye")


def real_rows(source: Source) -> pd.DataFrame:
    """The real rows of the theme HEALTH in the sample, one for each centre."""
    return load_table(source).drop_duplicates(ignore_index=True)


def rows_of_theme(source: Source, catalogue: Catalogue, theme: str, columns: int = 0) -> pd.DataFrame:
    """A theme of CENTRES rows: the real ones, and as many copies of them under other names and ids.

    The cities whose ids are not known have their own name and the people of their agglomeration. Themes other
    than HEALTH have the first cells of these rows, and attributes filled with the share of a real row; at
    least so many `columns`.
    """
    real = real_rows(source)
    cities = [
        (name, catalogue.countries[country].name_en, source.people[ref_area])
        for country, names in source.places.items()
        for ref_area, name in {ref_area: name for name, ref_area in reversed(names.items())}.items()
    ]
    others = [(name, country, 60_000) for name, country in NAMESAKES]
    more = zip(range(CENTRES - len(real) - len(cities) - len(others)), cycle(FOREIGN))
    others += [(f"Centre {number}", country, 50_000 + number) for number, country in more]
    added = pd.concat([real] * (CENTRES // len(real) + 1)).iloc[: CENTRES - len(real)].reset_index(drop=True)
    names, countries, people = zip(*cities, *others, strict=True)
    # The real ids have gaps, and none is above 20 000.
    added = added.assign(**{ID: range(20_000, 20_000 + len(added))}).astype(str)
    added = added.assign(**{NAME: names, COUNTRY: countries, PEOPLE: [str(number) for number in people]})
    rows = pd.concat([real, added], ignore_index=True)
    if theme == "HEALTH":
        return rows
    wanted = attributes(source, theme)
    wanted += [f"XX_FIL_{number:03}_2025" for number in range(columns - len(wanted) - LEADING)]
    share = rows["HL_SHP_HOS_2025"].replace("-", "0")
    return rows.iloc[:, :LEADING].join(pd.DataFrame(dict.fromkeys(wanted, share)))


def zip_of(theme: str, rows: pd.DataFrame, encoding: str = "windows-1252") -> bytes:
    """The packed zip of a theme, as the publisher sends it: its CSV and a text beside it."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "What the theme holds")
        archive.writestr(
            f"GHS_UCDB_THEME_{theme}_GLOBE_R2024A.csv",
            rows.to_csv(index=False, lineterminator="\r\n").encode(encoding),
        )
    return stream.getvalue()
