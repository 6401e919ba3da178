"""The declared rules of include/expectations and the checks that they become."""

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

    `reason` may name columns of the failing row in braces; arguments that begin with $ are values of
    the catalogue. A gate rule with `from_rows` is not asked of loads of fewer observations, where a single
    slip is a large share. Severity: a row that fails a `warning` is rejected, one that fails an `info`
    is kept with a warning, and a load that fails a `critical` rule is not published.
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
        """The reason, with the values of a failing row.

        Raises:
            CatalogueError: it names a column that there is not, or a format that its value has not.
        """
        try:
            return self.reason.format_map(row)
        except (LookupError, ValueError, AttributeError, TypeError) as error:
            fault = f"{self.reason!r} cannot be filled in: {type(error).__name__}: {error}"
            raise CatalogueError(FILE, f"{self.id}.reason", fault) from error


class RuleSet(Entry):
    """The rules on single rows and the gate rules on the whole load."""

    row_rules: list[Rule]
    gate_rules: list[Rule]


@dataclass(frozen=True)
class Check:
    """A rule made concrete."""

    rule: Rule
    arguments: dict[str, Any]

    @property
    def columns(self) -> list[str]:
        """The columns that the check validates."""
        return [self.rule.column] + ([self.rule.pair_column] if self.rule.pair_column else [])


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
