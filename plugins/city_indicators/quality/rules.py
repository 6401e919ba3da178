"""The declared rules of include/expectations and the checks that they become."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue, Entry, Identifier, Indicator
from city_indicators.errors import CatalogueError
from city_indicators.paths import EXPECTATIONS

STATUSES: Final = ["A", "B", "E", "F", "P", "U"]


class Rule(Entry):
    """One rule: a Great Expectations expectation on a column, and the reason given to people.

    `reason` may name columns of the failing row in braces. With `for_each: indicator` the rule is
    one check per indicator, with that indicator's values for arguments that begin with $. A gate
    rule with `from_rows` is not asked of loads of fewer figures, where a single slip is a large share.
    """

    id: Identifier
    since: date
    severity: Literal["warning", "critical"]
    expectation: Annotated[str, Field(pattern=r"^expect_[a-z_]+$")]
    column: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    for_each: Literal["indicator"] | None = None
    from_rows: int = Field(default=0, ge=0)
    reason: str


class RuleSet(Entry):
    """The rules on single rows and the gate rules on the whole load."""

    row_rules: list[Rule]
    gate_rules: list[Rule]


@dataclass(frozen=True)
class Check:
    """A rule made concrete; `where` restricts it to rows of one indicator."""

    rule: Rule
    arguments: dict[str, Any]
    indicator: str | None = None


def load_rules(root: Path = EXPECTATIONS) -> RuleSet:
    """The rules of all observations.

    Raises:
        CatalogueError: the file is wrong.
    """
    file = root / "observations.yaml"
    return parse(RuleSet, read_yaml(file), file, "rules")


def checks(rules: list[Rule], catalogue: Catalogue, indicators: list[str]) -> list[Check]:
    """The rules made concrete for a source's indicators, in the order declared.

    Raises:
        CatalogueError: an argument names something that the catalogue does not have.
    """
    concrete = []
    for rule in rules:
        if rule.for_each is None:
            concrete.append(Check(rule, _resolve(rule, {"statuses": STATUSES})))
        else:
            concrete += [
                Check(rule, _resolve(rule, _values(catalogue.indicators[indicator])), indicator)
                for indicator in indicators
            ]
    return concrete


def _values(indicator: Indicator) -> dict[str, Any]:
    return {
        "unit_measures": [indicator.unit, *indicator.also_units],
        "geo_bases": list(indicator.geo_basis),
        "range_min": indicator.range[0],
        "range_max": indicator.range[1],
        "statuses": STATUSES,
    }


def _resolve(rule: Rule, values: dict[str, Any]) -> dict[str, Any]:
    resolved = {}
    for name, value in rule.arguments.items():
        if isinstance(value, str) and value.startswith("$"):
            if value[1:] not in values:
                raise CatalogueError(
                    "include/expectations/observations.yaml",
                    f"{rule.id}.arguments.{name}",
                    f"unknown {value}",
                )
            value = values[value[1:]]
        resolved[name] = value
    return resolved
