"""Finds probable duplicates of cases by place, cycle and title. Duplicates are refused, never merged."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from city_indicators.intake.best_practices.models import Case
from city_indicators.intake.best_practices.read import Accepted, Reading, Refusal
from city_indicators.sources.places import folded


@dataclass(frozen=True)
class Identity:
    """The fields that identify a case. `names` are the titles in English, Russian and Chinese."""

    case_id: str
    country: str
    city: str
    ref_area: str | None
    cycle: str | None
    stage: str | None
    names: tuple[str | None, str | None, str | None]
    start_year: int | None = None

    @classmethod
    def of(cls, case: Case) -> Self:
        """The identity of a case."""
        names = (case.name_en, case.name_ru, case.name_zh)
        return cls(
            case.case_id,
            case.country,
            case.city,
            case.ref_area,
            case.cycle,
            case.stage,
            names,
            case.start_year,
        )

    @property
    def place(self) -> str:
        """A key of the city, equal for all spellings of its name."""
        return self.ref_area or f"{self.country} {folded(self.city)}"


def refuse_duplicates(reading: Reading, stored: Iterable[Identity], likeness: float) -> Reading:
    """Refuse repeated ids, ids of another city's case, and probable duplicates.

    A row with the id of a stored case is the next version of that case. Of two similar rows in one file the
    first is accepted.

    Args:
        reading: rows validated one by one.
        stored: the cases in the warehouse.
        likeness: the likeness (0 to 100) from which on two titles of one city and cycle are the same case.
    """
    base = {identity.case_id: identity for identity in stored}
    taken: dict[str, Identity] = {}
    accepted: list[Accepted] = []
    refused = list(reading.refused)
    for row in reading.accepted:
        identity = Identity.of(row.case)
        if refusal := _refusal(row, identity, base, taken, likeness):
            refused.append(refusal)
        else:
            taken[identity.case_id] = identity
            accepted.append(row)
    return Reading(tuple(accepted), tuple(sorted(refused, key=lambda refusal: refusal.row)))


def likeness_of(one: Identity, other: Identity) -> float:
    """The likeness of two cases, 0 to 100; 0 for different cities or different cycles.

    A city that enters an initiative again in a later cycle has two cases, and so have two phases of a project
    that began in different years. Titles are compared within one
    language. Two entries of the award's lists without titles are equal if cycle and stage are.
    """
    from rapidfuzz import fuzz, utils

    if one.place != other.place or (one.cycle and other.cycle and one.cycle != other.cycle):
        return 0.0
    if one.start_year and other.start_year and one.start_year != other.start_year:
        return 0.0
    if not any(one.names) and not any(other.names):
        return 100.0 if (one.cycle, one.stage) == (other.cycle, other.stage) else 0.0
    return max(
        (
            fuzz.token_sort_ratio(folded(name), folded(title), processor=utils.default_process)
            for name, title in zip(one.names, other.names, strict=True)
            if name and title
        ),
        default=0.0,
    )


def _refusal(
    row: Accepted,
    identity: Identity,
    base: dict[str, Identity],
    taken: dict[str, Identity],
    likeness: float,
) -> Refusal | None:
    if identity.case_id in taken:
        return row.refused("repeated_id", "case_id: is already in an earlier row of this file")
    if before := base.get(identity.case_id):
        reason = f"case_id: is the id of a case of {before.city}, {before.country}; choose another one"
        return row.refused("id_of_another_city", reason) if before.place != identity.place else None
    for other in (base | taken).values():
        if (alike := likeness_of(identity, other)) >= likeness:
            return row.refused(
                "probable_duplicate",
                f"its title is {alike:.0f} % like that of case {other.case_id} of the same city; from "
                f"{likeness:.0f} % on they are one case; send changes under that case_id, or change "
                "the title",
            )
    return None
