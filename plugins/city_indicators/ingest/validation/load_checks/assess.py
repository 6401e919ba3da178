"""Assesses what a load gives: one row per indicator, one column per check, as the indicator rules read."""

from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.ingest.categories import alike
from city_indicators.ingest.normalise import KEY
from city_indicators.ingest.validation.context import NO_KNOWN_OBSERVATIONS
from city_indicators.ingest.validation.expected_contents import NOTHING_EXPECTED, ExpectedContents
from city_indicators.ingest.validation.load_checks import coverage, degenerate, level, moved, revised
from city_indicators.ingest.validation.load_checks.compare import Texts, by_series, paired

COLUMNS: Final = ["ref_area", "indicator", "time_period", "unit_measure", "obs_value"]


@dataclass(frozen=True)
class Held:
    """What is known before a load.

    `known` are the observations in the warehouse of the load's indicators, of every source, from five years
    before the load (context.KNOWN_COLUMNS). `usual_revisions` is the usual size of the source's revisions by
    indicator, as a relative difference (compare.apart). `expected` is what the source's file declares.
    """

    known: pd.DataFrame
    usual_revisions: dict[str, float]
    expected: ExpectedContents


NOTHING_HELD: Final = Held(NO_KNOWN_OBSERVATIONS, {}, NOTHING_EXPECTED)


def assess(
    source: str,
    observations: pd.DataFrame,
    accepted: pd.DataFrame,
    stored: pd.DataFrame,
    held: Held,
    catalogue: Catalogue,
    indicators: list[str],
    partial: bool,
) -> pd.DataFrame:
    """One row per indicator: its name, and in each other column why a check failed, or None.

    `observations` are all of the load, `accepted` those that no row rule rejects, `stored` the keys that are
    held in its scope. A load that is `partial` gives only what it names, so that nothing is missing from it.
    """
    sound, observations, stored, known, anchors = alike(
        accepted[COLUMNS].dropna(), observations[KEY], stored[KEY], held.known, held.expected.anchors
    )
    of_source = known["source"] == source
    own, others = known[of_source], known[~of_source]
    held = replace(held, expected=replace(held.expected, anchors=anchors))
    found = {
        **_compared(sound, own, held),
        **_missing(observations, stored, own, held, partial),
        "mostly_rejected": {} if partial else coverage.rejected(observations, sound),
        **_first(sound, observations, own, others, held, catalogue, partial),
    }
    return _frame(found, indicators)


def _compared(sound: pd.DataFrame, own: pd.DataFrame, held: Held) -> dict[str, Texts]:
    """What differs from what is held of the same or other years."""
    pairs, series = paired(sound, own), by_series(sound, own)
    exchanged, seems_exchanged = moved.exchanged(series)
    step, unusual_step = level.steps(series)
    return {
        "revised": revised.unusual(pairs, held.usual_revisions),
        "tenfold": revised.large(pairs),
        "common_change": revised.transformed(pairs),
        "reordered": revised.reordered(pairs),
        "exchanged": exchanged,
        "shifted": moved.shifted(series),
        "constant": degenerate.constant(sound, own),
        "copied": degenerate.copied(sound, own),
        "step": step,
        "some_revised": revised.noted(pairs, held.usual_revisions),
        "unusual_step": unusual_step,
        "seems_exchanged": seems_exchanged,
    }


def _missing(
    observations: pd.DataFrame, stored: pd.DataFrame, own: pd.DataFrame, held: Held, partial: bool
) -> dict[str, Texts]:
    """What the load lacks; a row that is rejected was given."""
    gone, some_gone = coverage.withdrawn(observations, stored)
    too_few, fewer = (
        ({}, {}) if partial else coverage.few_places(observations, own, held.expected.fewest_places)
    )
    return {"gone": gone, "too_few_places": too_few, "some_gone": some_gone, "fewer_places": fewer}


def _first(
    sound: pd.DataFrame,
    observations: pd.DataFrame,
    own: pd.DataFrame,
    others: pd.DataFrame,
    held: Held,
    catalogue: Catalogue,
    partial: bool,
) -> dict[str, Texts]:
    """What contradicts declared anchors and other sources, where nothing is held of the source."""
    years = set(sound["time_period"]) if partial else held.expected.years
    anchors = held.expected.anchors
    anchors = anchors[anchors["time_period"].isin(years)]
    given = None if partial else observations
    tolerances = {i.id: i.tolerance for i in catalogue.indicators.values() if i.tolerance is not None}
    return {
        "anchor": level.anchored(sound, own, anchors, given),
        "other_source": level.disagreeing(sound, own, others, tolerances),
        "first_values": level.first_values(sound, own, anchors),
    }


def _frame(found: dict[str, Texts], indicators: list[str]) -> pd.DataFrame:
    columns = {name: [texts.get(each) for each in indicators] for name, texts in found.items()}
    frame = pd.DataFrame({"indicator": indicators} | columns, dtype=object)
    return frame.assign(row_no=range(len(frame)))
