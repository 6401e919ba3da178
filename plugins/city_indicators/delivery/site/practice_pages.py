"""The pages of best practices: the list of those that an edition knew, and each of them with its evidence."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from city_indicators.delivery.documents.best_practices import Case
from city_indicators.delivery.documents.model import Chart, Column, Table, subjects_of
from city_indicators.delivery.documents.practice_facts import compared, facts
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.numbers import NOTHING
from city_indicators.delivery.site.page import Page
from city_indicators.delivery.site.writer import NARROW, Writer

CASE: Final = ("practice", "evidence", "limits")
"""The chapters of the dossier of a case that its page shows."""


def practices(writer: Writer) -> Iterator[Page]:
    """The list and a page for each best practice; nothing if the edition knew none."""
    shown = writer.shown
    known = shown.computed.best_practices
    cases = [known[case] for case in known.facts]
    if not cases:
        return
    _ = shown.words.gettext
    content = {"blocks": writer.html([_list(shown, cases)], "")}
    title = _("Best practices")
    yield Page("practices.html", title, "blocks.html", content, _("Main pages"), title)
    for case in cases:
        own = writer.of_case(case)
        blocks = [
            replace(block, name=f"{block.name}-{case.id}") if isinstance(block, Chart) else block
            for block in own.chapters(*CASE)
        ]
        name = facts(shown, case)["title"]
        yield Page(
            f"practice/{case.id}.html",
            name,
            "blocks.html",
            {"blocks": own.html(blocks, "../", NARROW)},
            title,
        )


def _list(shown: Shown, cases: list[Case]) -> Table:
    """All cases, those with a comparison first, the latest of them first."""
    _ = shown.words.gettext
    ordered = sorted(cases, key=_place)
    columns = (
        Column(_("Case")),
        Column(_("City")),
        Column(_("Began in"), "right"),
        Column(_("Guangzhou Award")),
        Column(_("Indicator")),
        Column(_("Evidence")),
    )
    lines = [_line(shown, case) for case in ordered]
    cities = [
        each.facts["ref_area"] if each.facts["ref_area"] in shown.frozen.cities else "" for each in ordered
    ]
    subjects = subjects_of("practice", (case.id for case in ordered)) | subjects_of("city", cities, 1)
    note = shown.note_of_analysis()
    return Table(_("Best practices known to the edition"), columns, tuple(lines), note, subjects=subjects)


def _place(case: Case) -> tuple[bool, int, str]:
    return not case.is_compared, -(case.facts["start_year"] or 0), case.id


def _line(shown: Shown, case: Case) -> tuple[str, ...]:
    known: dict[str, Any] = facts(shown, case)
    return (
        known["title"],
        known["city"],
        str(known["start_year"] or NOTHING),
        known["award"] or NOTHING,
        known["indicator"] or NOTHING,
        compared(shown, case).get("verdict") or NOTHING,
    )
