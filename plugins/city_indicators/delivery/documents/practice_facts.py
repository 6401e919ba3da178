"""What authors' texts name of a best practice and of the evidence on it."""

from typing import Any, Final

from city_indicators.delivery.documents.best_practices import Case, Row
from city_indicators.delivery.documents.markup import Markup, escaped
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.exports.texts import heading, meaning
from city_indicators.delivery.web.digits import sensible, unit_of_change
from city_indicators.delivery.web.practices import title, written
from city_indicators.delivery.web.ratings import reason

AWARD: Final = ("stage", "cycle")
"""The terms that say what the award made of a case."""


def facts(shown: Shown, case: Case) -> dict[str, Any]:
    """What identifies a case, what is known of it and what is not."""
    row = case.facts
    ref_area = row["ref_area"] if row["ref_area"] in shown.frozen.cities else ""
    award = [each.text for term in AWARD if (each := written(row, f"{term}_name_", shown.language))]
    known = stated(shown, case)
    return {
        "id": case.id,
        "title": title(row, shown.language).text,
        "city": city_of(shown, case),
        "country": shown.labels("country", row["country"]),
        "start_year": row["start_year"],
        "award": ", ".join(award),
        "indicator": shown.labels("indicator", row["indicator"]) if row["indicator"] else "",
        "links": [_link(each) for each in row["links"] or ()],
        "evidence_links": [_link(each) for each in row["evidence_links"] or ()],
        "unknown": [name for name, text in known if not text],
        "is_compared": case.is_compared,
        "ref_area": ref_area,
        "is_ranked": bool(ref_area) and shown.city(ref_area)["rank"] is not None,
        "not_ranked_because": _not_ranked_because(shown, ref_area),
        "rated_indicator": _rated(shown, ref_area, row["indicator"]),
    }


def city_of(shown: Shown, case: Case) -> str:
    """The name of the city of a case, as its file writes it if the catalogue does not have the city."""
    ref_area = case.facts["ref_area"]
    return shown.labels("ref_area", ref_area) if ref_area else str(case.facts["city"])


def stated(shown: Shown, case: Case) -> list[tuple[str, str]]:
    """The names of the facts that a case may have and their texts, empty if the sources are silent."""
    row, language = case.facts, shown.language

    def term(column: str) -> str:
        found = written(row, f"{column}_name_", language)
        return found.text if found else ""

    texts = {
        "start_year": str(row["start_year"] or ""),
        "cycle_name": term("cycle"),
        "stage_name": term("stage"),
        "case_status_name": term("status"),
        "field_name": term("field"),
        "innovation_type_name": term("innovation_type"),
        "innovation_kind_name": term("innovation_kind"),
        "sdg_names": shown.numbers.enumeration(row[f"sdg_names_{language}"]),
        "criterion_names": shown.numbers.enumeration(row[f"criterion_names_{language}"]),
        "indicator_name": shown.labels("indicator", row["indicator"]) if row["indicator"] else "",
        "outcome": row["outcome"] or "",
        "evidence_links": " ".join(row["evidence_links"] or ()),
        "submitted_on": shown.numbers.day(row["submitted_on"]) if row["submitted_on"] else "",
    }
    return [(heading(column, language), text) for column, text in texts.items()]


def compared(shown: Shown, case: Case) -> dict[str, Any]:
    """What the evidence on a case says; empty without any."""
    row = case.evidence
    if row is None:
        return {}
    named = {"indicator": shown.labels("indicator", row["indicator"]), "direction": row["direction"]}
    return {
        **named,
        "verdict": meaning("verdict", row["verdict"], shown.language),
        "code": row["verdict"],
        "reason": meaning("verdict_reason", row["verdict_reason"] or "", shown.language) or "",
        "years_before": row["years_before"],
        "years_after": row["years_after"],
        **(_differences(shown, row) if case.is_compared else {}),
    }


def in_unit(shown: Shown, row: Row, value: float | None) -> str:
    """A value of the evidence, in its unit."""
    return sensible(value, row["unit_measure"], row["indicator"], shown.language)


def _differences(shown: Shown, row: Row) -> dict[str, Any]:
    changes = {who: row[f"{who}_after"] - row[f"{who}_before"] for who in ("city", "peers")}
    bounds = {name: row[name] for name in ("did", "did_low", "did_high")}
    return {
        **{f"{who}_change": in_unit(shown, row, change) for who, change in changes.items()},
        **{name: in_unit(shown, row, value) for name, value in bounds.items()},
        "unit": unit_of_change(row["unit_measure"], shown.labels, shown.language),
        "share": shown.numbers.percent(row["placebo_p"], 0),
        "peers": row["peers"],
        "other_cases": row["other_cases"],
    }


def _link(address: str) -> Markup:
    # A pointed bracket would end the address.
    target = address.replace("<", "%3C").replace(">", "%3E")
    return Markup(f"[{escaped(address)}](<{target}>)")


def _not_ranked_because(shown: Shown, ref_area: str) -> str:
    code = shown.city(ref_area)["reason_code"] if ref_area else None
    return reason(code, shown.frozen.method, shown.language) if code else ""


def _rated(shown: Shown, ref_area: str, indicator: str | None) -> str:
    """The id of an indicator if the edition rates it and the city has a value, else empty."""
    row = shown.frozen.indicators.get((ref_area, indicator or ""))
    has_value = row is not None and row["raw_value"] is not None and indicator in shown.parts
    return str(indicator) if has_value else ""
