"""Adds names in the declared languages to the codes of report rows."""

from collections.abc import Collection
from typing import Any, Literal

import pandas as pd

from city_indicators.catalog.load import translated
from city_indicators.catalog.reference import Reference
from city_indicators.core.languages import DECLARED


def declared_names(entries: Collection[Any]) -> pd.DataFrame:
    """Columns code, name_en, name_ru and name_zh of declared entries with an id and a name."""
    return pd.DataFrame([{"code": entry.id, **translated(entry.name)} for entry in entries])


def city_names(reference: Reference) -> pd.DataFrame:
    """The same columns of our cities."""
    names = pd.DataFrame([city.model_dump() for city in reference.cities])
    names = names[["ref_area", *(f"name_{language}" for language in DECLARED)]]
    return names.rename(columns={"ref_area": "code"})


def with_names(
    rows: pd.DataFrame,
    key: str,
    kind: str,
    names: pd.DataFrame,
    how: Literal["inner", "left"] = "inner",
) -> pd.DataFrame:
    """The rows with the names of column `key` as <kind>_name_en and so on; `names` is indexed by `code`.

    Rows whose code has no name are dropped, or stay with missing names if `how` is left.
    """
    columns = {f"name_{language}": f"{kind}_name_{language}" for language in DECLARED}
    named = names.rename(columns={"code": key, **columns})[[key, *columns.values()]]
    return rows.merge(named, on=key, how=how)
