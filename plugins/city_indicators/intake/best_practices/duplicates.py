"""Whether a case is in the base already under another name of its own. Only told, never merged."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from city_indicators.intake.best_practices.models import Case
from city_indicators.intake.best_practices.read import Accepted, Reading, Refusal
from city_indicators.sources.places import folded


@dataclass(frozen=True)
class Identity:
    """What tells one case from another. `names` are the titles in English, Russian and Chinese."""

    case_id: str
    country: str
    city: str
    ref_area: str | None
    cycle: str | None
    stage: str | None
    names: tuple[str | None, str | None, str | None]

    @classmethod
    def of(cls, case: Case) -> Self:
        """The identity of a case."""
        names = (case.name_en, case.name_ru, case.name_zh)
        return cls(case.case_id, case.country, case.city, case.ref_area, case.cycle, case.stage, names)

    @property
    def place(self) -> str:
        """Equal for two cases of one city, however its name is written."""
        return self.ref_area or f"{self.country} {folded(self.city)}"


def set_aside(reading: Reading, held: Iterable[Identity], likeness: float) -> Reading:
    """The reading without repeated ids, ids of another city's case, and probable duplicates.

    A row with the id of a case that is held is that case's next version. Of two rows alike in one file
    the first is taken.

    Args:
        reading: rows that are cases by themselves.
        held: what the base holds now.
        likeness: from which likeness on (0 to 100) two titles of one city and cycle are one.
    """
    base = {identity.case_id: identity for identity in held}
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
    """How alike two cases are, 0 to 100: 0 unless they are of one city and may be of one cycle.

    A city that enters an initiative again in a later cycle has two cases. Titles are compared within a
    language. Of two entries of the award's lists without titles those of one cycle and stage are equal.
    """
    from rapidfuzz import fuzz, utils

    if one.place != other.place or (one.cycle and other.cycle and one.cycle != other.cycle):
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
        return row.refused("repeated_id", "case_id: stands in an earlier row of this file")
    if before := base.get(identity.case_id):
        reason = (
            f"case_id: the base holds a case of {before.city}, {before.country} by this id; choose another"
        )
        return row.refused("id_of_another_city", reason) if before.place != identity.place else None
    for other in (base | taken).values():
        if (alike := likeness_of(identity, other)) >= likeness:
            return row.refused(
                "probable_duplicate",
                f"is {alike:.0f} % like case {other.case_id} of the same city, which counts as the same from "
                f"{likeness:.0f} % on; send changes under that case_id, or say in the title what differs",
            )
    return None
