"""Runs the public command on a method and values, and reads its tables."""

from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from city_indicators.__main__ import main

Tables = dict[str, pd.DataFrame]


def read(file: Path) -> pd.DataFrame:
    """Read a published or written table; the unit NA is Namibia, not a missing value."""
    table = pd.read_csv(file, keep_default_na=False, na_values=[""])
    return table.replace({"NA": np.nan}) if "uCode" in table else table


def rated(folder: Path, method: dict[str, Any], values: pd.DataFrame, groups: pd.DataFrame | None) -> Tables:
    """All tables that `rate` writes; `values` has unit, indicator, value and optionally period."""
    folder.mkdir(parents=True)
    file, inputs, out = folder / "method.yaml", folder / "values.csv", folder / "out"
    file.write_text(yaml.safe_dump({"version": "1.0.0", **method}, sort_keys=False), encoding="utf-8")
    values.to_csv(inputs, index=False)
    arguments = ["rate", str(file), "--inputs", str(inputs), "--out", str(out)]
    if groups is not None:
        groups.to_csv(folder / "groups.csv", index=False)
        arguments += ["--groups", str(folder / "groups.csv")]
    with redirect_stdout(StringIO()):
        code = main(arguments)
    if code:
        raise AssertionError(f"rate ended with {code}")
    return {table.stem: read(table) for table in out.glob("*.csv")}


@dataclass(frozen=True)
class Comparison:
    """Reference values and ours, by the same keys.

    `precision` describes that of the reference; `within` is the difference it allows.
    """

    index: str
    variant: str
    what: str
    reference: pd.Series
    ours: pd.Series
    precision: str
    within: float

    @property
    def difference(self) -> float:
        """The greatest difference; infinite if a value is missing on one side only."""
        reference = self.reference.astype(float).sort_index()
        ours = self.ours.astype(float).sort_index()
        if not reference.index.equals(ours.index) or not (reference.isna() == ours.isna()).all():
            return np.inf
        return float((reference - ours).abs().max())

    @property
    def observations(self) -> int:
        """The number of compared values."""
        return int(self.reference.notna().sum())


def pillar_scores(tables: Tables, index: str, *keys: str) -> pd.Series:
    """The scores of the `index` and all its pillars, by `keys` (default: unit) and part."""
    top = tables["scores"].assign(pillar=index)
    both = pd.concat([tables.get("pillars", top.head(0)), top]).rename(columns={"pillar": "part"})
    return both.set_index([*(keys or ["unit"]), "part"])["score"]


def by_indicator(tables: Tables, column: str) -> pd.Series:
    """A column of the indicators, by unit and part."""
    cells = tables["indicators"].rename(columns={"indicator": "part"})
    return cells.set_index(["unit", "part"])[column]


def long(table: pd.DataFrame) -> pd.Series:
    """The cells of a table with one row per unit, by unit and part."""
    cells = table.melt(var_name="part", value_name="value", ignore_index=False)
    return cells.set_index("part", append=True)["value"]
