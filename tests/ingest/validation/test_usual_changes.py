"""A change of places is only likely if it is large beside the usual change of a year."""

from typing import Any

import pytest

from tests.ingest.validation.test_load_checks import found, rows  # noqa: F401


@pytest.mark.parametrize(("other", "named"), [(15, True), (10, False)])
def test_a_change_of_places_is_large_beside_the_usual_change(
    found: Any,  # noqa: F811
    other: int,
    named: bool,
) -> None:
    """Values grow by a tenth a year, 9.1 % of the larger one: four times that is 36 %, five times 45 %.

    In 2020 places 2 and 15 have each other's 114 and 205 (44 % apart), or 2 and 10 their 114 and 170 (33 %).
    """

    def growing(place: int, year: int) -> float:
        return (100 + 7 * place) * 1.1 ** (year - 2015)

    taken = {2: other, other: 2}
    given = rows(lambda place, _: growing(taken.get(place, place), 2019), [2020])
    assert ("seems_exchanged" in found(given, rows(growing))) is named
