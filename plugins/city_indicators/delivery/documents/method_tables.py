"""The tables of a method: weights and goalposts, coherence, sensitivity, and what values exist."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from city_indicators.analytics.ratings.method import MethodIndicator, Pillar
from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.model import INDENT, Column, Table, subjects_of
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.numbers import NOTHING


def weights(shown: Shown) -> Table:
    """The pillars and indicators with their shares and goalposts."""
    _ = shown.words.gettext
    show = shown.numbers
    columns = (
        Column(_("Part"), share=3.2),
        Column(_("Share of its pillar"), "right", 1.1),
        Column(_("Share of the score"), "right", 1.1),
        Column(_("Worst"), "right", 1.2),
        Column(_("Best"), "right", 1.2),
        Column(_("Unit"), share=1.6),
    )
    lines: list[tuple[str, ...]] = []
    strong: set[int] = set()
    for part in shown.parts.values():
        if part.kind == "pillar":
            strong.add(len(lines))
        indent = "" if part.kind == "pillar" else INDENT
        lines.append(
            (
                indent + part.name,
                _("formula") if part.weight is None else show.percent(part.in_pillar),
                NOTHING if part.in_formula else show.percent(part.in_score),
                *goalposts(shown, part.declared),
            )
        )
    caption = _("Pillars and indicators, their weights and goalposts; method %(version)s") % {
        "version": shown.frozen.method.version
    }
    subjects = subjects_of("indicator", _indicators(shown))
    return Table(caption, columns, tuple(lines), shown.note_of_method(), frozenset(strong), subjects)


def _indicators(shown: Shown) -> list[str]:
    """The ids of the parts in their order, empty for pillars."""
    return [part.id if part.kind == "indicator" else "" for part in shown.parts.values()]


def goalposts(shown: Shown, declared: Pillar | MethodIndicator) -> tuple[str, str, str]:
    """Worst, best and unit of an indicator; two values each of a band; empty for a pillar."""
    if isinstance(declared, Pillar):
        return "", "", ""
    show = shown.numbers
    unit = shown.frozen.reference.units.get(declared.indicator, "")
    # A code has labels, not a unit.
    name = "" if unit == "CODE" else shown.labels("unit_measure", unit)
    if declared.denominator:
        name += f" ÷ {shown.labels('indicator', declared.denominator)}"
    if declared.band:
        worst, best = declared.band.worst, declared.band.best
        outer = NOTHING if worst is None else " · ".join(show.number(each) for each in worst)
        return outer, "–".join(show.number(each) for each in best), name
    as_text = (lambda year: f"{year:.0f}") if unit == "YEAR" else show.exact
    posts = (NOTHING if each is None else as_text(each) for each in (declared.worst, declared.best))
    worst_text, best_text = posts
    return worst_text, best_text, name


def coherence(shown: Shown) -> Table:
    """Cronbach's alpha of each pillar, and the mean width of the likely ranks, beside their bounds."""
    _ = shown.words.gettext
    order = {pillar: place for place, pillar in enumerate(shown.rated.names)}
    wanted = ("cronbach_alpha", "rank_interval")
    found = [row for row in shown.analyses["rating_coherence"] if row["statistic"] in wanted]
    found.sort(key=lambda row: (row["statistic"], order[row["pillar"]]))
    columns = (
        Column(_("Pillar"), share=2.2),
        Column(_("Statistic"), share=2.4),
        Column(_("Value"), "right", 0.8),
        Column(_("Bounds"), share=1.6),
        Column(_("Within bounds"), share=1.2),
    )
    rows = [
        (
            shown.rated.names[row["pillar"]],
            meaning("statistic", row["statistic"], shown.language) or row["statistic"],
            shown.numbers.decimals(row["value"], 2),
            _bounds(shown, row),
            _within(shown, row),
        )
        for row in found
    ]
    return Table(_("Coherence of the method"), columns, tuple(rows), shown.note_of_analysis())


def _bounds(shown: Shown, row: Row) -> str:
    _ = shown.words.gettext
    show = shown.numbers
    texts = []
    if row["lower_bound"] is not None:
        texts.append(_("at least %(bound)s") % {"bound": show.decimals(row["lower_bound"], 2)})
    if row["upper_bound"] is not None:
        texts.append(_("at most %(bound)s") % {"bound": show.decimals(row["upper_bound"], 2)})
    return " · ".join(texts) or NOTHING


def _within(shown: Shown, row: Row) -> str:
    _ = shown.words.gettext
    texts = {None: _("not checked"), True: _("yes"), False: _("no")}
    return texts[row["within_bounds"]]


def sensitivity(shown: Shown) -> Table:
    """What the ranks depend on: the Sobol indices of the factors of the uncertainty analysis."""
    _ = shown.words.gettext
    show = shown.numbers
    columns = (
        Column(_("Factor"), share=2.6),
        Column(_("Alone (first order)"), "right", 1.4),
        Column(_("With all interactions (total order)"), "right", 1.8),
        Column(_("Mean shift of ranks, in places"), "right", 1.6),
    )
    rows = [
        (
            meaning("factor", row["factor"], shown.language) or row["factor"],
            f"{show.decimals(row['s1'], 2)} ± {show.decimals(row['s1_conf'], 2)}",
            f"{show.decimals(row['st'], 2)} ± {show.decimals(row['st_conf'], 2)}",
            show.decimals(row["mean_abs_rank_shift"], 2),
        )
        for row in shown.factors
    ]
    return Table(_("What the ranks depend on"), columns, tuple(rows), shown.note_of_analysis())


def coverage(shown: Shown) -> Table:
    """How many cities have a value of each indicator, how many of their own, and from which years."""
    _ = shown.words.gettext
    columns = (
        Column(_("Indicator"), share=3.4),
        Column(_("Cities with a value"), "right", 1.2),
        Column(_("Measured for the city"), "right", 1.3),
        Column(_("Years of the values"), "right", 1.3),
    )
    used = [row for row in shown.frozen.indicators.values() if row["raw_value"] is not None]
    with_value = Counter(row["indicator"] for row in used)
    own = Counter(row["indicator"] for row in used if row["geo_basis"] in shown.frozen.reference.city_level)
    rows = []
    for part in shown.parts.values():
        if part.kind == "pillar":
            continue
        years = sorted({row["raw_time_period"] for row in used if row["indicator"] == part.id})
        span = NOTHING if not years else years[0] if len(years) == 1 else f"{years[0]}–{years[-1]}"
        rows.append((part.name, str(with_value[part.id]), str(own[part.id]), span))
    caption = _("Values behind the edition, of %(cities)s cities") % {"cities": len(shown.frozen.cities)}
    subjects = subjects_of("indicator", filter(None, _indicators(shown)))
    return Table(caption, columns, tuple(rows), shown.note("edition_rating_indicator"), subjects=subjects)


TABLES: Final[dict[str, Callable[..., Table]]] = {
    "weights": weights,
    "coherence": coherence,
    "sensitivity": sensitivity,
    "coverage": coverage,
}
