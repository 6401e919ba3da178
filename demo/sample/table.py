"""Loads the committed sample as frames of text, so that values keep the digits of their publisher."""

from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from city_indicators.core.errors import PermanentError
from demo.paths import SAMPLE


class SampleError(PermanentError):
    """The committed sample cannot be read; the message names the command that writes it."""


@dataclass(frozen=True)
class Sample:
    """The six tables of demo/data; every cell is text, an absent one is an empty string.

    Attributes:
        observations: one row each: `source, series, ref_area, time_period, obs_value, unit_measure,
            obs_status, geo_basis, citation`; `obs_value` has the publisher's own unit and digits.
        citations: `citation, text, licence, url, file_note`.
        labels: `source, kind, code, text`: the publisher's names of areas and series, in the publisher's
            order, and the published revision date.
        wup_agglomerations: `ref_area` and the eight leading columns of the WUP workbook.
        wup_text: `sheet, row, column, text`: the WUP workbook's title lines and the footnotes cited.
        daily_weather: `ref_area, latitude, longitude, date, T2M_MAX, T2M_MIN, PRECTOTCORR`: days of NASA
            POWER at the requested coordinates, in °C and mm; cited as `nasa-power-daily-<ref_area>`.
    """

    observations: pd.DataFrame
    citations: pd.DataFrame
    labels: pd.DataFrame
    wup_agglomerations: pd.DataFrame
    wup_text: pd.DataFrame
    daily_weather: pd.DataFrame

    def of_source(self, source: str) -> pd.DataFrame:
        """The observations of one source."""
        return self.observations[self.observations["source"] == source]

    def first_year(self, source: str) -> int | None:
        """The first year of a source in `observations`; None if it has none there, as published tables."""
        years = self.of_source(source)["time_period"]
        if source == "nasa_power":
            years = self.daily_weather["date"].str[:4]
        return int(years.min()) if len(years) else None

    def label(self, source: str, kind: str) -> dict[str, str]:
        """`code -> text` for one source and kind, in the publisher's order."""
        found = self.labels[(self.labels["source"] == source) & (self.labels["kind"] == kind)]
        return dict(zip(found["code"], found["text"], strict=True))


def read_text_csv(path: Path) -> pd.DataFrame:
    """Read a CSV with every cell as text; "NA" stays a country code.

    Raises:
        FileNotFoundError: the file is absent.
    """
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def load_sample(folder: Path = SAMPLE) -> Sample:
    """Read the committed sample.

    Raises:
        SampleError: a table is absent.
    """
    try:
        return Sample(**{table.name: read_text_csv(folder / f"{table.name}.csv") for table in fields(Sample)})
    except FileNotFoundError as error:
        message = (
            f"{error.filename} is absent: restore demo/data from the repository, or write it with "
            "`python -m demo.sample.compile <folder of publishers' files>`"
        )
        raise SampleError(message) from error
