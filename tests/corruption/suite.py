"""Tries every kind of corruption on every indicator of the demo, before and after a good load."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final
from unittest.mock import patch

import pandas as pd
from sqlalchemy import Connection

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.intervals import Interval
from demo.mock_sources import nasa_power
from demo.mock_sources.app import serves
from demo.paths import SAMPLE
from tests.corruption.cells import Cells, cells_of, changed
from tests.corruption.kinds import KINDS, OF_NUMBERS, UNIT
from tests.corruption.trial import Outcome, Trial, wrong

YEARS: Final = {
    "future_cities_bastin": (2050, 2050),
    "nasa_power": (2022, 2024),
    "owid_grapher": (2018, 2022),
    "un_wup": (2015, 2019),
    "world_bank": (2018, 2022),
}
"""The years of a load, of sources that send only those requested or later ones; others send everything."""
EVERYTHING: Final = (1990, 2025)
PHASES: Final = ("before", "after")
"""A first load with nothing held, and a load after a good one."""


@dataclass(frozen=True)
class Case:
    """One corruption of one indicator."""

    source: str
    indicator: str
    kind: str
    phase: str


@dataclass(frozen=True)
class Verdict:
    """What became of a case: `refused`, `rejected`, `warned`, `harmless` or `silent`, and what was said.

    A load is harmless if it publishes exactly what a good load publishes. `wrong` counts published values
    of the indicator that differ from those of a good load.
    """

    case: Case
    outcome: str
    said: str
    wrong: int


def sources(catalogue: Catalogue) -> list[Source]:
    """The sources of which the demo has data."""
    return [source for source in catalogue.sources.values() if serves(source)]


def verdicts(
    source: Source,
    catalogue: Catalogue,
    connection: Connection,
    folder: Path,
    choose: Callable[[list[Case]], Collection[Case]] = lambda cases: cases,
) -> Iterator[Verdict]:
    """Try the cases of a source that are chosen; the warehouse then holds one good load of it."""
    trial = trial_of(source, catalogue, folder)
    good = trial.run(connection, SAMPLE, 0)
    if good.stopped:
        raise AssertionError(f"the good load of {source.id} is refused: {good.stopped}")
    chosen = choose([case for phase in PHASES for case in cases(source, good, phase)])
    number = 1
    for phase in PHASES:
        if phase == "after":
            trial.run(connection, SAMPLE, 1, keep=True)
        for case in chosen:
            if case.phase == phase:
                number += 1
                sample = folder / f"{phase} {number}"
                with corrupted(source, case, sample):
                    yield verdict(case, trial.run(connection, sample, number), good)


def trial_of(source: Source, catalogue: Catalogue, folder: Path) -> Trial:
    """The trial of a source, with the years of one load."""
    first, last = YEARS.get(source.id, EVERYTHING)
    return Trial(source, catalogue, Interval(date(first, 1, 1), date(last + 1, 1, 1)), folder)


def cases(source: Source, good: Outcome, phase: str) -> Iterator[Case]:
    """The cases of a source: codes have no factor; a single indicator or place has no other."""
    indicators = list(dict.fromkeys(series.indicator for series in source.series))
    given = [i for i in indicators if any(key[1] == i for key in good.published)]
    for indicator in given:
        coded = indicator not in _numbers(source, given)
        for kind in [*KINDS, UNIT]:
            if coded and kind in OF_NUMBERS:
                continue
            if kind == "shifted by a year" and not _has_years(source, indicator):
                continue
            if kind == "two places swapped" and not _has_places(source, indicator):
                continue
            if kind == "another column" and (coded or len(_numbers(source, given)) < 2):
                continue
            yield Case(source.id, indicator, kind, phase)


def _numbers(source: Source, indicators: list[str]) -> list[str]:
    coded = {series.indicator for series in source.series if series.codes}
    return [indicator for indicator in indicators if indicator not in coded]


def _has_years(source: Source, indicator: str) -> bool:
    """Whether the publisher gives a place in more than one year."""
    cells = pd.concat([each.frame for each in cells_of(source, indicator)])
    years = cells["when"].str[:4]
    return bool(years.groupby(cells["place"]).nunique().max() > 1)


def _has_places(source: Source, indicator: str) -> bool:
    """Whether the publisher gives more than one place."""
    return len({place for each in cells_of(source, indicator) for place in each.frame["place"]}) > 1


@contextmanager
def corrupted(source: Source, case: Case, folder: Path) -> Iterator[None]:
    """A sample with the corruption of a case, in a new folder."""
    cells = _with_other(source, case.indicator)
    is_unit = case.kind == UNIT
    changed(source, cells, KINDS["÷ 1000" if is_unit else case.kind], folder, unit=is_unit)
    of_nasa = is_unit and source.id == "nasa_power"
    units = {each.column: (nasa_power.MEANINGS[each.column][0], "K") for each in cells} if of_nasa else {}
    with patch.dict(nasa_power.MEANINGS, units):
        yield


def _with_other(source: Source, indicator: str) -> list[Cells]:
    """The cells of an indicator, each with that of another indicator of the same place and time."""
    own = cells_of(source, indicator)
    columns = {each.column for each in own}
    others = (
        each
        for series in source.series
        if series.indicator != indicator and not series.codes
        for each in cells_of(source, series.indicator)
        if each.column not in columns
    )
    other = next(others, None)
    texts = {} if other is None else other.frame.set_index(["place", "when"])["text"].to_dict()
    return [
        replace(
            each,
            frame=each.frame.assign(
                other=[
                    texts.get(key, "") for key in zip(each.frame["place"], each.frame["when"], strict=True)
                ]
            ),
        )
        for each in own
    ]


def verdict(case: Case, outcome: Outcome, good: Outcome) -> Verdict:
    """Assess what became of a case."""
    truth = {key: value for key, value in good.published.items() if key[1] == case.indicator}
    differing = 0 if outcome.stopped else len(wrong(outcome, truth))
    if outcome.stopped:
        return Verdict(case, "refused", outcome.stopped, 0)
    if not differing:
        kind = "rejected" if outcome.rejected > good.rejected else "harmless"
        return Verdict(case, kind, "", 0)
    about = [warning for warning in outcome.warnings if case.indicator in warning]
    return Verdict(case, "warned" if about else "silent", "; ".join(about), differing)
