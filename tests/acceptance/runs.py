"""A method and observations as files, through the public command, and its tables back."""

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
    """A published or written table, to the last digit; a unit NA is Namibia and not a missing one."""
    table = pd.read_csv(file, keep_default_na=False, na_values=[""])
    return table.replace({"NA": np.nan}) if "uCode" in table else table


def rated(folder: Path, method: dict[str, Any], values: pd.DataFrame, groups: pd.DataFrame | None) -> Tables:
    """All tables that `rate` writes; `values` has unit, indicator, value and perhaps period."""
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
    """Reference observations beside ours, by the same keys.

    `precision` tells that of the reference, `within` is how far the two may lie apart for it.
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
        """The greatest; infinite if one side has an observation that the other has not."""
        reference = self.reference.astype(float).sort_index()
        ours = self.ours.astype(float).sort_index()
        if not reference.index.equals(ours.index) or not (reference.isna() == ours.isna()).all():
            return np.inf
        return float((reference - ours).abs().max())

    @property
    def observations(self) -> int:
        """How many observations are compared."""
        return int(self.reference.notna().sum())


def pillar_scores(tables: Tables, index: str, *keys: str) -> pd.Series:
    """The scores of the whole `index` and of all its pillars, by `keys` (or else unit) and part."""
    whole = tables["scores"].assign(pillar=index)
    both = pd.concat([tables.get("pillars", whole.head(0)), whole]).rename(columns={"pillar": "part"})
    return both.set_index([*(keys or ["unit"]), "part"])["score"]


def by_indicator(tables: Tables, column: str) -> pd.Series:
    """A column of the indicators, by unit and part."""
    cells = tables["indicators"].rename(columns={"indicator": "part"})
    return cells.set_index(["unit", "part"])[column]


def long(table: pd.DataFrame) -> pd.Series:
    """The cells of a table with a row a unit, by unit and part."""
    cells = table.melt(var_name="part", value_name="value", ignore_index=False)
    return cells.set_index("part", append=True)["value"]
