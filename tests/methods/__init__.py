"""A small rating method for refreshes in tests."""

from pathlib import Path

from city_indicators.analytics.peers import DeclaredPeers
from city_indicators.analytics.ratings.method import Coverage
from city_indicators.analytics.ratings.read import read_method
from city_indicators.analytics.ratings.steps import Factors, Uncertainty
from city_indicators.catalog import load_catalogue
from city_indicators.reports.research import Research

FOLDER = Path(__file__).parent
FIRST = read_method(FOLDER / "climate_first.yaml")
METHODS = {FIRST.id: FIRST}
SHIPPED = Research.of(load_catalogue())
# Cities are alike by what the tests publish: climates, sizes and incomes of countries.
ALIKE = DeclaredPeers(neighbours=SHIPPED.peers.neighbours, **SHIPPED.evidence.alike.model_dump())
RESEARCH = SHIPPED.model_copy(update={"peers": ALIKE})
# Ranks a city by a single indicator.
LENIENT = FIRST.model_copy(update={"coverage": Coverage(overall=0.1, per_pillar=0)})
# With the uncertainty of ranks.
VARIED = LENIENT.model_copy(
    update={
        "uncertainty": Uncertainty(
            draws=100, seed=7, sobol=8, factors=Factors(aggregation=["arithmetic", "geometric"], weights=0.25)
        )
    }
)
