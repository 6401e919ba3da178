"""Phrases that follow from values, in each language: comparisons, changes and counts."""

from gettext import NullTranslations

from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.shown import Shown


def counted(words: NullTranslations, number: int, noun: str) -> str:
    """A number with its noun in the right form: "5 cities", "21 город", "5 个城市".

    Raises:
        LookupError: the noun has no forms here.
    """
    ngettext = words.ngettext
    forms = {
        "city": ngettext("%(num)s city", "%(num)s cities", number),
        "country": ngettext("%(num)s country", "%(num)s countries", number),
        "indicator": ngettext("%(num)s indicator", "%(num)s indicators", number),
        "megatrend": ngettext("%(num)s megatrend", "%(num)s megatrends", number),
        "pillar": ngettext("%(num)s pillar", "%(num)s pillars", number),
        "place": ngettext("%(num)s place", "%(num)s places", number),
        "source": ngettext("%(num)s source", "%(num)s sources", number),
        "value": ngettext("%(num)s value", "%(num)s values", number),
        "year": ngettext("%(num)s year", "%(num)s years", number),
    }
    if noun not in forms:
        raise LookupError(f"the noun {noun!r} has no forms, only {', '.join(forms)}")
    return forms[noun] % {"num": number}


def place(shown: Shown, city: Row) -> str:
    """The rank of a city among the ranked ones, as a phrase."""
    _ = shown.words.gettext
    if city["rank"] is None:
        return _("not ranked")
    return _("rank %(rank)s of %(ranked)s") % {"rank": city["rank"], "ranked": city["n_ranked"]}


def compared(shown: Shown, first: Row, second: Row) -> str:
    """Which of two cities ranks above the other; "not clearly different" if their likely ranks overlap.

    Raises:
        LookupError: one has no rank.
    """
    _ = shown.words.gettext
    for city in (first, second):
        if city["rank"] is None:
            raise LookupError(f"{city['ref_area']!r} has no rank to compare")
    texts = {
        "first": shown.name(first),
        "second": shown.name(second),
        "rank": first["rank"],
        "other_rank": second["rank"],
        "likely": shown.likely(first),
        "other_likely": shown.likely(second),
    }
    if overlap(first, second):
        text = _(
            "%(first)s (rank %(rank)s, likely %(likely)s) and %(second)s (rank %(other_rank)s, likely "
            "%(other_likely)s) are not clearly different"
        )
    elif first["rank"] == second["rank"]:
        text = _("%(first)s and %(second)s share rank %(rank)s")
    elif first["rank"] < second["rank"]:
        text = _("%(first)s ranks higher than %(second)s: rank %(rank)s against rank %(other_rank)s")
    else:
        text = _("%(first)s ranks lower than %(second)s: rank %(rank)s against rank %(other_rank)s")
    return text % texts


def overlap(first: Row, second: Row) -> bool:
    """Whether the likely ranks of two rows overlap; False if one has no interval."""
    bounds = [row[end] for row in (first, second) for end in ("rank_p05", "rank_p95")]
    if None in bounds:
        return False
    return bool(bounds[0] <= bounds[3] and bounds[2] <= bounds[1])


def moved(shown: Shown, city: Row) -> str:
    """How the rank of a city changed since the previous edition.

    Raises:
        LookupError: there was no edition before.
    """
    _ = shown.words.gettext
    before = shown.before.cities.get(city["ref_area"])
    texts = {
        "city": shown.name(city),
        "rank": city["rank"],
        "before": before["rank"] if before else None,
        "edition": shown.before.row["edition"],
    }
    if texts["rank"] is None and texts["before"] is None:
        text = _("%(city)s is not ranked, as in edition %(edition)s")
    elif texts["before"] is None:
        text = _("%(city)s takes rank %(rank)s; it had no rank in edition %(edition)s")
    elif texts["rank"] is None:
        text = _("%(city)s has no rank any more; in edition %(edition)s it was %(before)s")
    elif texts["rank"] == texts["before"]:
        text = _("%(city)s keeps rank %(rank)s")
    elif before and overlap(city, before):
        text = _(
            "%(city)s moves from rank %(before)s to rank %(rank)s, which is not clearly different: the "
            "likely ranks of both editions overlap"
        )
    elif city["rank"] < texts["before"]:
        text = _("%(city)s rises from rank %(before)s to rank %(rank)s")
    else:
        text = _("%(city)s falls from rank %(before)s to rank %(rank)s")
    return text % texts


def measured(shown: Shown, indicator: str, first: Row, second: Row) -> str:
    """Which of two cities has the higher value of an indicator in the edition; of codes only what they mean.

    Raises:
        LookupError: one has no value.
    """
    _ = shown.words.gettext
    one, other = (_value(shown, indicator, city) for city in (first, second))
    texts = {
        "indicator": shown.labels("indicator", indicator),
        "first": shown.name(first),
        "second": shown.name(second),
        "value": shown.value(indicator, one["raw_value"], one["unit_measure"]),
        "other": shown.value(indicator, other["raw_value"], other["unit_measure"]),
    }
    if one["raw_value"] == other["raw_value"]:
        text = _("%(indicator)s: %(first)s and %(second)s have the same value, %(value)s")
    elif one["unit_measure"] == "CODE":
        text = _("%(indicator)s: %(first)s – %(value)s; %(second)s – %(other)s")
    elif one["raw_value"] > other["raw_value"]:
        text = _("%(indicator)s: %(first)s, %(value)s, is higher than %(second)s, %(other)s")
    else:
        text = _("%(indicator)s: %(first)s, %(value)s, is lower than %(second)s, %(other)s")
    return text % texts


def _value(shown: Shown, indicator: str, city: Row) -> Row:
    row = shown.frozen.indicators.get((city["ref_area"], indicator))
    if row is None or row["raw_value"] is None:
        raise LookupError(f"{city['ref_area']!r} has no value of {indicator!r} in the edition")
    return row


def status(shown: Shown) -> str:
    """Whether the method keeps to the bounds of its coherence; empty if it declares none."""
    _ = shown.words.gettext
    found = {row["method_status"] for row in shown.frozen.ranked}
    texts = {
        "draft": _(
            "**Draft.** The coherence of the method is outside of its bounds, and nobody accepted it: read "
            "the chapter on coherence before you use a rank."
        ),
        "accepted": _("The coherence of the method is outside of its bounds, which was accepted."),
        "within_bounds": _("The coherence of the method is within its bounds."),
    }
    return next((texts[each] for each in sorted(filter(None, found))), "")
