"""Loads the rules of include/expectations and resolves them to checks of a source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from city_indicators.catalog.entry import Entry, Identifier
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue, Indicator
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import EXPECTATIONS

FILE: Final = "include/expectations/observations.yaml"
STATUSES: Final = ["A", "B", "E", "F", "P", "U"]


class Rule(Entry):
    """One rule: a Great Expectations expectation on a column or a pair of columns, and its reason.

    `reason` may name columns of the failing row in braces. Arguments that begin with $ are values of the
    catalogue. A gate rule with `from_rows` does not apply to loads with fewer observations, where one error
    is a large share. Severity: a row that fails a `warning` rule is rejected, a row that fails an `info` rule
    is accepted with a warning, and a load that fails a `critical` rule is not published. A rule of severity
    `info` on an indicator or on the load gives the load a warning.
    """

    id: Identifier
    since: date
    severity: Literal["info", "warning", "critical"]
    expectation: Annotated[str, Field(pattern=r"^expect_[a-z_]+$")]
    column: str
    pair_column: str | None = None
    arguments: dict[str, Any] = Field(default_factory=dict)
    from_rows: int = Field(default=0, ge=0)
    reason: str

    def reason_for(self, row: Mapping[Any, Any]) -> str:
        """The reason filled in with the values of a failing row.

        Raises:
            CatalogueError: the reason names an unknown column, or a format that does not fit the value.
        """
        try:
            return self.reason.format_map(row)
        except (LookupError, ValueError, AttributeError, TypeError) as error:
            fault = f"{self.reason!r} cannot be filled in: {type(error).__name__}: {error}"
            raise CatalogueError(FILE, f"{self.id}.reason", fault) from error


class RuleSet(Entry):
    """The rules on single rows, on each indicator of a load, and (the gate rules) on the load as one."""

    row_rules: list[Rule]
    indicator_rules: list[Rule]
    gate_rules: list[Rule]


@dataclass(frozen=True)
class Check:
    """A rule with its arguments resolved from the catalogue."""

    rule: Rule
    arguments: dict[str, Any]

    @property
    def columns(self) -> list[str]:
        """The columns that the check reads."""
        return [self.rule.column] + ([self.rule.pair_column] if self.rule.pair_column else [])


def load_rules(root: Path = EXPECTATIONS) -> RuleSet:
    """Load the rules for observations.

    Raises:
        CatalogueError: the file is wrong.
    """
    file = root / "observations.yaml"
    return parse(RuleSet, read_yaml(file), file, "rules")


def checks(rules: list[Rule], catalogue: Catalogue, indicators: list[str]) -> list[Check]:
    """Resolve rules for a source's indicators, in the declared order.

    Raises:
        CatalogueError: an argument names an unknown value of the catalogue.
    """
    values = _values([catalogue.indicators[indicator] for indicator in indicators])
    return [Check(rule, _resolve(rule, values)) for rule in rules]


def _values(indicators: list[Indicator]) -> dict[str, Any]:
    return {
        "unit_measures": [(each.id, unit) for each in indicators for unit in (each.unit, *each.also_units)],
        "geo_bases": [(each.id, basis) for each in indicators for basis in each.geo_basis],
        "statuses": STATUSES,
    }


def _resolve(rule: Rule, values: dict[str, Any]) -> dict[str, Any]:
    resolved = {}
    for name, value in rule.arguments.items():
        if isinstance(value, str) and value.startswith("$"):
            if value[1:] not in values:
                raise CatalogueError(
                    FILE,
                    f"{rule.id}.arguments.{name}",
                    f"unknown {value}",
                )
            value = values[value[1:]]
        resolved[name] = value
    return resolved
