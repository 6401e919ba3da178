"""Kinds of corruption: what can happen to a column of a publication without breaking its format."""

import zlib
from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

Kind = Callable[[pd.DataFrame], "pd.Series[str]"]
"""Returns the new text of each cell; the cells have place, when, year, text and other (another column)."""


def times(factor: float) -> Kind:
    """Every value times a factor, with twelve digits."""
    return lambda cells: cells["text"].map(lambda text: f"{float(text) * factor:.12g}")


def constant(cells: pd.DataFrame) -> "pd.Series[str]":
    """Every value is the first one."""
    return cells["text"].map(lambda _: cells["text"].iloc[0])


def swapped(cells: pd.DataFrame) -> "pd.Series[str]":
    """The first two places exchange the values that they have at the same times."""
    one, other = sorted(cells["place"].unique())[:2]
    partner = {one: other, other: one}
    return _from(cells, lambda place, when: (partner.get(place, place), when), lambda text: text)


def shifted(cells: pd.DataFrame) -> "pd.Series[str]":
    """Every year has the value of the year before; the first one has none."""
    return _from(cells, lambda place, when: (place, f"{int(when[:4]) - 1}{when[4:]}"), lambda _: "")


def _from(
    cells: pd.DataFrame, source: Callable[[str, str], tuple[str, str]], otherwise: Callable[[str], str]
) -> "pd.Series[str]":
    """The text that stands at another place or time."""
    by_key = cells.drop_duplicates(["place", "when"]).set_index(["place", "when"])["text"].to_dict()
    texts = [
        by_key.get(source(place, when), otherwise(text))
        for place, when, text in zip(cells["place"], cells["when"], cells["text"], strict=True)
    ]
    return pd.Series(texts, index=cells.index)


def all_revised(cells: pd.DataFrame) -> "pd.Series[str]":
    """Every value is larger by one to eight percent, each by another share."""
    texts = [
        f"{float(text) * (1.01 + zlib.crc32(f'{place}{when}'.encode()) % 1000 / 14_000):.12g}"
        for place, when, text in zip(cells["place"], cells["when"], cells["text"], strict=True)
    ]
    return pd.Series(texts, index=cells.index)


def tenth_missing(cells: pd.DataFrame) -> "pd.Series[str]":
    """Every tenth place, at least one, has no value."""
    gone = set(sorted(cells["place"].unique())[::10])
    return cells["text"].mask(cells["place"].isin(gone), "")


def copied(cells: pd.DataFrame) -> "pd.Series[str]":
    """Every value is that of another indicator of the source."""
    return cells["other"].where(cells["other"] != "", cells["text"])


KINDS: Final[Mapping[str, Kind]] = {
    "zero": times(0),
    "÷ 1000": times(0.001),
    "× 1000": times(1000),
    "× 1.1": times(1.1),
    "constant": constant,
    "two places swapped": swapped,
    "shifted by a year": shifted,
    "all revised": all_revised,
    "another column": copied,
    "a tenth missing": tenth_missing,
}
UNIT: Final = "unit changed"
"""The kind that changes the unit in the title, and divides the values by 1000."""
OF_NUMBERS: Final = frozenset({"zero", "÷ 1000", "× 1000", "× 1.1", "all revised", UNIT})
