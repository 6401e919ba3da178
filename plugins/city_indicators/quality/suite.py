"""Runs checks on a frame with Great Expectations, and tells which rows failed which rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from city_indicators.errors import CatalogueError
from city_indicators.quality.rules import Check, Rule


@dataclass(frozen=True)
class Validation:
    """`failures` maps the position of a check to the row_no of the rows that failed it.

    `document` is the whole result as Great Expectations writes it, for the ledger and Data Docs.
    """

    suite: str
    failures: dict[int, list[int]]
    document: dict[str, Any]

    def summary(self) -> dict[str, Any]:
        """The columns of quality.validation that describe the result."""
        statistics = self.document["statistics"]
        return {
            "suite": self.suite,
            "success": self.document["success"],
            "evaluated": statistics["evaluated_expectations"],
            "failed": statistics["unsuccessful_expectations"],
        }


def run(name: str, checks: list[Check], rows: pd.DataFrame) -> Validation:
    """Run a suite on `rows`, which has a column row_no of unique numbers.

    Raises:
        CatalogueError: a rule could not be evaluated, or fails without pointing at rows.
    """
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    # The bars of tqdm would fill the task's log.
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset("observations")
        .add_batch_definition_whole_dataframe("load")
    )
    suite = context.suites.add(
        gx.ExpectationSuite(
            name=name, expectations=[_expectation(n, check) for n, check in enumerate(checks)]
        )
    )
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=name, data=batch, suite=suite)
    )
    result = definition.run(
        batch_parameters={"dataframe": rows},
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row_no"]},
    )
    return Validation(name, dict(_failures(result)), result.to_json_dict())  # type: ignore[no-untyped-call]


def _expectation(position: int, check: Check) -> Any:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity
    from great_expectations.expectations.row_conditions import Column

    rule: Rule = check.rule
    kwargs = {"column": rule.column, **check.arguments}
    if check.indicator is not None:
        kwargs["row_condition"] = Column("indicator") == check.indicator
    return ExpectationConfiguration(
        type=rule.expectation,
        kwargs=kwargs,
        meta={"position": position, "rule": rule.id, "since": rule.since.isoformat()},
        notes=rule.reason,
        severity=FailureSeverity(rule.severity),
    ).to_domain_obj()


def _failures(result: Any) -> Iterator[tuple[int, list[int]]]:
    for outcome in result.results:
        if not outcome.success:
            rows = [int(entry["row_no"]) for entry in outcome.result.get("unexpected_index_list") or []]
            if not rows:
                raise CatalogueError(
                    "include/expectations/observations.yaml",
                    outcome.expectation_config.meta["rule"],
                    f"failed without pointing at a row: {_exception(outcome.exception_info)}",
                )
            yield outcome.expectation_config.meta["position"], rows


def _exception(info: dict[str, Any]) -> str:
    """What went wrong; Great Expectations gives one entry, or one for each metric that failed."""
    entries = [info] if "raised_exception" in info else list(info.values())
    raised = [str(entry["exception_message"]) for entry in entries if entry.get("raised_exception")]
    return "; ".join(raised) or "the expectation does not judge single rows"
