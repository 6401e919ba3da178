"""The published cells of an indicator in the demo's sample, to be changed before a mock source answers."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from city_indicators.catalog.source import Series, Source
from demo.paths import SAMPLE
from demo.sample.table import read_text_csv
from tests.corruption.kinds import Kind

GRIDS: Final = {
    "global_energy_mix": "grid_co2",
    "2023/china_provincial_emissions": "grid_co2_provinces",
    "2023/usa_emissions": "grid_co2_states",
}


@dataclass(frozen=True)
class Cells:
    """Some cells of a file of the sample: rows by number, and their column."""

    file: str
    column: str
    frame: pd.DataFrame


def cells_of(source: Source, indicator: str) -> list[Cells]:
    """The cells from which the values of an indicator are read; those of a share are its parts."""
    frames: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for series in source.series:
        if series.indicator == indicator:
            name, table, columns = _table(source, series)
            for column in columns:
                frames.setdefault((name, column), []).append(_frame(source, series, table, column))
    return [Cells(name, column, pd.concat(found)) for (name, column), found in frames.items()]


def _table(source: Source, series: Series) -> tuple[str, pd.DataFrame, list[str]]:
    columns = [series.column] if series.column else list(series.share.of if series.share else ())
    columns = [str(columns[0]).format(year=year) for year in series.years] or columns
    if source.id == "nasa_power":
        table = read_text_csv(SAMPLE / "daily_weather.csv")
        # Without daily means, the connector takes the middle of both extremes.
        return "daily_weather", table, [series.code] if series.code in table else ["T2M_MAX", "T2M_MIN"]
    if source.format in ("owid_grapher", "world_bank_v2", "wup_workbook"):
        table = read_text_csv(SAMPLE / "observations.csv")
        beginnings = [f"{series.code}/{column}" for column in columns] or [series.code]
        return "observations", table, [b for b in beginnings if table["series"].str.startswith(b).any()]
    name = GRIDS.get(series.code, source.id)
    table = read_text_csv(SAMPLE / "tables" / f"{name}.csv")
    found = [title for title in map(str, table) if title in (columns or ["value"])]
    return f"tables/{name}", table, found


def _frame(source: Source, series: Series, table: pd.DataFrame, column: str) -> pd.DataFrame:
    layout = source.layout
    if "series" in table:
        rows = table[(table["source"] == source.id) & table["series"].str.startswith(column)]
        year, text = rows["time_period"], rows["obs_value"]
    elif "date" in table:
        rows, year, text = table, table["date"], table[column]
    else:
        rows = table
        for name, texts in series.where.items():
            rows = rows[rows[name].isin(texts)]
        period = layout.period if layout and isinstance(layout.period, str) else None
        period = "year" if "year" in rows else period
        year = rows[period] if period else rows["ref_area"].map(lambda _: str(series.period or ""))
        text = rows[column]
    place = rows["City Code"] if "City Code" in rows else rows["ref_area"]
    frame = pd.DataFrame({"place": place, "when": year, "text": text})
    return frame[~frame["text"].isin(["", *(layout.empty if layout else ())])]


def changed(source: Source, cells: list[Cells], kind: Kind, folder: Path, unit: bool = False) -> None:
    """Write the sample with changed cells to a folder, and with another unit in their title if `unit`.

    A cell without a text is removed or left empty.
    """
    shutil.copytree(SAMPLE, folder, copy_function=lambda file, target: Path(target).symlink_to(file))
    tables: dict[str, pd.DataFrame] = {}
    for each, texts in zip(cells, _applied(kind, cells), strict=True):
        table = tables.setdefault(each.file, read_text_csv(SAMPLE / f"{each.file}.csv"))
        column = "obs_value" if each.file == "observations" else each.column
        table.loc[texts.index, column] = texts
        if unit:
            tables |= _with_other_unit(source, each, table)
    for name, table in tables.items():
        file = folder / f"{name}.csv"
        file.unlink()
        # These mock sources have a row a value.
        values = next((column for column in ("obs_value", "value") if column in table), None)
        written = table if values is None else table[table[values] != ""]
        written.to_csv(file, index=False)


def _applied(kind: Kind, cells: list[Cells]) -> "list[pd.Series[str]]":
    """The new texts of each column; columns of one year each are one table."""
    years = [set(each.frame["when"]) for each in cells]
    if len(cells) > 1 and sum(map(len, years)) == len(set().union(*years)):
        together = kind(pd.concat([each.frame for each in cells], keys=range(len(cells))))
        return [pd.Series(together.loc[number], dtype=str) for number in range(len(cells))]
    return [kind(each.frame) for each in cells]


def _with_other_unit(source: Source, cells: Cells, table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables in which the publisher names another unit; the mock source of NASA has its own."""
    if source.format == "owid_grapher":
        table.loc[cells.frame.index, "unit_measure"] = "T_PC" if "energy" in cells.column else "KWH_PC"
        return {}
    if source.format == "world_bank_v2":
        labels = read_text_csv(SAMPLE / "labels.csv")
        labels.loc[labels["code"] == cells.column, "text"] += " (thousands)"
        return {"labels": labels}
    if source.format == "wup_workbook":
        lines = read_text_csv(SAMPLE / "wup_text.csv")
        return {"wup_text": lines.assign(text=lines["text"].str.replace("thousands", "millions"))}
    if source.format == "codecarbon":
        return {cells.file: table.assign(unit="kgCO2/kWh")}
    return (
        {}
        if source.format == "nasa_power"
        else {cells.file: table.rename(columns={cells.column: f"{cells.column} (thousands)"})}
    )
