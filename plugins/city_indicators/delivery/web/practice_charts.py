"""The charts of the page of a best practice."""

from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import practice as drawn
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters, lineage_address, sources_line
from city_indicators.delivery.web.digits import unit_of_change
from city_indicators.delivery.web.labels import Labels
from city_indicators.warehouse.database import rows


def evidence(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The indicator of a case in its city, in its peers and in their mean."""
    found = _read(connection, parameters)
    return found and of_evidence(*found, Labels(connection, language), language)


def placebos(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The difference in differences of a case among those of its peers."""
    found = _read(connection, parameters)
    return found and of_placebos(*found, Labels(connection, language), language)


CHARTS: Final[dict[str, Chart]] = {"case-evidence": evidence, "case-placebos": placebos}


def of_evidence(
    case: dict[str, Any], observations: pd.DataFrame, labels: Labels, language: Language
) -> Drawing:
    """The chart of `evidence` of a case with its observations: ref_area, year and value."""
    _ = words(language).gettext
    lines = beside_peers(observations, case["ref_area"], case["start_year"])
    texts = _texts(case, labels, language) | {
        "mean": _("mean of the peers"),
        "start": _("Start"),
        "year": _("Year"),
        "value": f"{labels('indicator', case['indicator'])}, {labels('unit_measure', case['unit_measure'])}",
        "change": _("Change from the mean before the start, %(unit)s")
        % {"unit": unit_of_change(case["unit_measure"], labels, language)},
    }
    key = {"indicator": case["indicator"], "source": case["source"]}
    shown = lines.assign(
        shown=lines["kind"].map(texts),
        city=[labels("ref_area", city) if city else texts["mean"] for city in lines["ref_area"]],
        link=pd.Series(
            lineage_address("observation", {**key, "ref_area": city, "time_period": str(year)}, language)
            for city, year in zip(lines["ref_area"], lines["year"], strict=True)
        ).where(lines["ref_area"].ne("")),
    )
    subtitle = _("Values and their change; the year of the start counts neither as before nor as after")
    caption = _caption(case, labels, language, subtitle)
    start = case["start_year"]
    return Drawing(shown, caption, lambda width: drawn.before_and_after(shown, start, texts, caption, width))


def of_placebos(
    case: dict[str, Any], observations: pd.DataFrame, labels: Labels, language: Language
) -> Drawing:
    """The chart of `placebos` of a case with its observations."""
    _ = words(language).gettext
    differences = in_place_of(observations, case["ref_area"], case["start_year"])
    texts = _texts(case, labels, language) | {
        "difference": _("Difference in differences, %(unit)s")
        % {"unit": unit_of_change(case["unit_measure"], labels, language)}
    }
    shown = differences.assign(
        shown=differences["kind"].map(texts),
        city=[labels("ref_area", city) for city in differences["ref_area"]],
    )
    subtitle = _(
        "The placebo test: each peer in turn is treated as if it were the city, and compared with the others"
    )
    caption = _caption(case, labels, language, subtitle)
    return Drawing(shown, caption, lambda width: drawn.placebos(shown, texts, caption, width))


def beside_peers(observations: pd.DataFrame, city: str, start: int) -> pd.DataFrame:
    """The lines of the city, of the mean of its peers (without ref_area) and of each peer.

    `observations` has ref_area, year and value. Each row has ref_area, kind, year, value and change, which is
    the value less the mean of the years before the start. The mean needs all peers in a year.
    """
    peers = observations[observations["ref_area"].ne(city)]
    complete = peers.groupby("year")["value"].count().eq(peers["ref_area"].nunique())
    mean = peers.groupby("year")["value"].mean()[complete].reset_index().assign(ref_area="")
    lines = pd.concat([observations, mean], ignore_index=True)
    lines["kind"] = lines["ref_area"].map({city: "city", "": "mean"}).fillna("peer")
    before = lines[lines["year"].lt(start)].groupby("ref_area")["value"].mean()
    return lines.assign(change=lines["value"] - lines["ref_area"].map(before))


def in_place_of(observations: pd.DataFrame, city: str, start: int) -> pd.DataFrame:
    """The change of each city after the start, less the mean change of the peers other than itself.

    `observations` has ref_area, year and value; only the years with a value of the city count. Each row has
    ref_area, kind (city or peer) and difference. That of the city is the `did` of the evidence.
    """
    years = observations.loc[observations["ref_area"].eq(city), "year"]
    of_years = observations[observations["year"].isin(years)]
    later = of_years[of_years["year"].gt(start)].groupby("ref_area")["value"].mean()
    change = later - of_years[of_years["year"].lt(start)].groupby("ref_area")["value"].mean()
    peers = change.drop(city)
    difference = (peers - peers.mean()) * len(peers) / (len(peers) - 1)
    difference[city] = change[city] - peers.mean()
    found = difference.rename("difference").rename_axis("ref_area").reset_index()
    return found.assign(kind=["city" if each == city else "peer" for each in found["ref_area"]])


def _read(connection: Connection, parameters: Parameters) -> tuple[dict[str, Any], pd.DataFrame] | None:
    """The evidence on the case and its observations; None if there is too little data to compare."""
    case_id = parameters.get("case", "")
    found = rows(connection, "web/best_practice_evidence", case_id=case_id)
    if not found or found[0]["did"] is None:
        return None
    observations = observed(rows(connection, "web/best_practice_series", case_id=case_id))
    return None if observations.empty else (found[0], observations)


def observed(series: list[dict[str, Any]]) -> pd.DataFrame:
    """The observations of a case: ref_area, year and value."""
    found = pd.DataFrame(series, columns=["ref_area", "time_period", "obs_value"])
    renamed = found.rename(columns={"time_period": "year", "obs_value": "value"})
    return renamed.astype({"year": int, "value": float})


def _texts(case: dict[str, Any], labels: Labels, language: Language) -> dict[str, str]:
    peer = words(language).ngettext("%(num)s peer", "%(num)s peers", case["peers"]) % {"num": case["peers"]}
    label = Numbers.of(language).axis_label()
    return {"city": labels("ref_area", case["ref_area"]), "peer": peer, "label": label}


def _caption(case: dict[str, Any], labels: Labels, language: Language, subtitle: str) -> Caption:
    years = f"{case['first_year']}–{case['last_year']}"
    title = f"{labels('ref_area', case['ref_area'])}: {labels('indicator', case['indicator'])}, {years}"
    return Caption(title, subtitle, sources_line([case], language))
