"""The cities of docs/explanation/climate-world-by-hand.md, multiplied and added again without the engine.

test_demo_once.py compares the same tables with the warehouse of a fresh demo.
"""

import re
from itertools import pairwise

import pytest

from tests.end_to_end.worked import in_document

FRACTION = re.compile(r"\(([\d.e-]+)(?: / (\d+))? − ([\d.e-]+)\) / \(([\d.e-]+) − ([\d.e-]+)\)")
BLOCKS = {"energy": 0.45, "transport": 0.31, "green": 0.18, "waste": 0.06}


def cities() -> dict[str, list[list[str]]]:
    """The rows of each city's table."""
    found = {}
    for section in in_document().split("## ")[1:-1]:
        name, _, rest = section.partition("\n")
        lines = [line for line in rest.splitlines() if line.startswith("|")][2:]
        found[name.strip()] = [[cell.strip(" *`") for cell in line.split("|")[1:-1]] for line in lines]
    return found


CITIES = cities()


def points(fraction: str) -> float:
    match = FRACTION.fullmatch(fraction)
    assert match, fraction
    value, below, worst, best, also_worst = match.groups()
    assert also_worst == worst
    share = (float(value) / float(below or 1) - float(worst)) / (float(best) - float(worst))
    return 10 + 90 * min(1.0, max(0.0, share))


def test_the_first_ten_and_the_two_partners_are_worked_out() -> None:
    assert len(CITIES) == 12
    assert {"Moscow", "Guangzhou"} < CITIES.keys()


@pytest.mark.parametrize("city", CITIES)
def test_points_follow_from_the_observation(city: str) -> None:
    of = {row[0]: row for row in CITIES[city]}
    for row in of.values():
        if row[4]:
            observation = re.match(r"[\d.]+", row[1])
            assert observation
            assert row[4].startswith(f"({observation[0]} ")
            # Six digits of the observation leave a hundredth of a point.
            assert float(row[5]) == pytest.approx(points(row[4]), abs=0.011), row[0]
    least = min(float(of["ENERGY_PC"][5]), float(of["ELEC_ACCESS"][5]))
    assert float(of["min(ENERGY_PC, ELEC_ACCESS)"][5]) == pytest.approx(least, abs=0.001)


@pytest.mark.parametrize("city", CITIES)
def test_weights_sum_to_one_and_what_is_added_to_the_score(city: str) -> None:
    *rows, total = CITIES[city]
    weighted = [(float(row[5]), float(row[6]), float(row[7])) for row in rows if row[6]]
    assert sum(weight for _, weight, _ in weighted) == pytest.approx(1, abs=0.001)
    for score, weight, adds in weighted:
        assert adds == pytest.approx(score * weight, abs=0.006)
    assert float(total[5]) == pytest.approx(sum(adds for _, _, adds in weighted), abs=0.01)


def test_the_ranks_follow_from_the_scores() -> None:
    last = [(float(rows[-1][5]), int(rows[-1][7])) for rows in CITIES.values()]
    assert all(one[0] > other[0] and one[1] < other[1] for one, other in pairwise(last))
    assert [rank for _, rank in last][:10] == list(range(1, 11))


@pytest.mark.parametrize("city", CITIES)
def test_energy_has_the_published_weight_among_the_blocks_of_the_city(city: str) -> None:
    rows = {row[0]: row for row in CITIES[city]}
    waste = any(name.startswith("WASTE") for name in rows)
    # Sources, consumption and target weigh 2 : 2 : 1 of the block.
    energy = float(rows["min(ENERGY_PC, ELEC_ACCESS)"][6]) / 0.4
    assert energy == pytest.approx(BLOCKS["energy"] / (1 if waste else 1 - BLOCKS["waste"]), abs=0.0005)
