"""Runs checks on a frame with Great Expectations and returns which rows failed which check."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from city_indicators.core.errors import CatalogueError
from city_indicators.ingest.categories import plain
from city_indicators.ingest.validation.expectations import caching_expectation
from city_indicators.ingest.validation.rules import FILE, Check, Rule

MOST_VALUES: Final = 20
"""How many different failing values a result counts, as Great Expectations does."""
NOT_NULL: Final = "expect_column_values_to_not_be_null"


@dataclass(frozen=True)
class Validation:
    """The result of one suite.

    `failures` maps the position of a check to the row_no of the rows that failed it. `document` is the
    complete result as Great Expectations writes it, for the ledger and Data Docs.
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

    Rows with equal values in all checked columns are validated once, so the cost depends on the number of
    distinct rows and not on the number of observations. The counts and shares of the document are those of
    all rows; its lists have one row of each kind.

    Raises:
        CatalogueError: a rule could not be evaluated, or fails without pointing at rows.
    """
    return run_blocks(name, checks, [rows])


def run_blocks(name: str, checks: list[Check], blocks: Iterable[pd.DataFrame]) -> Validation:
    """Run a suite on rows that are given some at a time, so that not all are in memory; see `run`."""
    from great_expectations import ExpectationSuite

    kinds = _merged(checks, [kinds_of(checks, block) for block in blocks])
    expectations = [_expectation(position, check) for position, check in enumerate(checks)]
    result = (
        _load()
        .get_batch({"dataframe": kinds.examples})
        .validate(
            ExpectationSuite(name=name, expectations=expectations),
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row_no"]},
        )
    )
    failed = {position: kinds.of_examples(rows) for position, rows in _failures(result)}
    for outcome in result.results:
        position = outcome.expectation_config.meta["position"]
        outcome.result.update(kinds.counts(outcome.result, checks[position], failed.get(position, [])))
    failures = {position: kinds.rows_of(numbers) for position, numbers in failed.items()}
    return Validation(name, failures, result.to_json_dict())


@cache
def _load() -> Any:
    """The batch definition of a frame, made once per process: batches leave no state behind in it."""
    import great_expectations as gx

    # These, of which one sets its level when imported, and progress bars of tqdm would fill the log of tasks.
    for name in ("data_context.types.base", "datasource.fluent.config"):
        logging.getLogger(f"great_expectations.{name}").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    observations = context.data_sources.add_pandas("pandas").add_dataframe_asset("observations")
    return observations.add_batch_definition_whole_dataframe("load")


@dataclass(frozen=True)
class Kinds:
    """Rows grouped by the values that the checks read: the `kind` of every row, and one example of each."""

    row_no: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    examples: pd.DataFrame

    @cached_property
    def sizes(self) -> npt.NDArray[np.int64]:
        """The number of rows of each kind."""
        return np.bincount(self.kind, minlength=len(self.examples))

    def of_examples(self, row_numbers: list[int]) -> list[int]:
        """The kinds whose examples have these row_no."""
        return [int(number) for number in np.flatnonzero(self.examples["row_no"].isin(row_numbers))]

    def rows_of(self, kinds: list[int]) -> list[int]:
        """The row_no of all rows of some kinds."""
        found: list[int] = np.sort(self.row_no[np.isin(self.kind, kinds)]).tolist()
        return found

    def counts(self, result: dict[str, Any], check: Check, failed: list[int]) -> dict[str, Any]:
        """The counts and shares of a result on the examples, as they are of all rows; `failed` are kinds."""
        if "element_count" not in result:
            return {}
        total, failures = len(self.row_no), int(self.sizes[failed].sum())
        counted: dict[str, Any] = {"element_count": total, "unexpected_count": failures}
        compared = total
        if "missing_count" in result:
            missing = int(self.sizes[self.examples[check.columns].isna().any(axis=1).to_numpy()].sum())
            compared -= missing
            counted |= {"missing_count": missing, "missing_percent": _percent(missing, total)}
            counted["unexpected_percent_total"] = _percent(failures, total)
            counted["unexpected_percent_nonmissing"] = _percent(failures, compared)
        counted["unexpected_percent"] = _percent(failures, compared)
        if result.get("partial_unexpected_counts"):
            values = self.examples.iloc[failed][check.columns].astype(object)
            values = values.where(values.notna(), None).assign(rows=self.sizes[failed])
            groups = values.groupby(check.columns, dropna=False)["rows"].sum()
            most = groups.sort_values(ascending=False, kind="stable").head(MOST_VALUES)
            counted["partial_unexpected_counts"] = [
                {"value": _plain(value), "count": int(count)} for value, count in most.items()
            ]
        return counted


def _percent(part: int, total: int) -> float:
    return part / total * 100 if total else 0.0


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def kinds_of(checks: list[Check], rows: pd.DataFrame) -> Kinds:
    """Group the rows into kinds. Of a column that only must not be null, only being null counts."""
    kind = np.zeros(len(rows), np.int64)
    columns = {"row_no"}
    for check in checks:
        # Great Expectations reports a misspelt column.
        for column in set(check.columns) & set(rows.columns):
            columns.add(column)
            only_null = check.rule.expectation == NOT_NULL
            codes = _codes(rows[column].isna() if only_null else rows[column])
            if codes.any():
                kind = pd.factorize(kind * (int(codes.max()) + 1) + codes)[0]
    _, first = np.unique(kind, return_index=True)
    examples = plain(rows.iloc[first][sorted(columns)]).reset_index(drop=True)
    return Kinds(rows["row_no"].to_numpy(np.int64), kind, examples)


def _codes(column: "pd.Series[Any]") -> npt.NDArray[np.int64]:
    """A number for each value of a column, 0 for the first one; a missing value is a value."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy().astype(np.int64)
        return codes + 1 if (codes != codes[:1]).any() else np.zeros(len(codes), np.int64)
    values = column.to_numpy()
    # Nearly all derived columns have one value, mostly 0.
    if len(values) and pd.api.types.is_numeric_dtype(column) and (values == values[0]).all():
        return np.zeros(len(values), np.int64)
    return pd.factorize(column, use_na_sentinel=False)[0]


def _merged(checks: list[Check], blocks: list[Kinds]) -> Kinds:
    """The kinds of all blocks; the example of each is its first row."""
    if len(blocks) == 1:
        return blocks[0]
    examples = pd.concat([block.examples for block in blocks], ignore_index=True)
    merged = kinds_of(checks, examples.sort_values("row_no"))
    kind_of = dict(zip(merged.row_no.tolist(), merged.kind.tolist(), strict=True))
    kinds = [
        np.array([kind_of[number] for number in block.examples["row_no"]])[block.kind] for block in blocks
    ]
    row_no = np.concatenate([block.row_no for block in blocks])
    return Kinds(row_no, np.concatenate(kinds), merged.examples)


def _expectation(position: int, check: Check) -> Any:
    from great_expectations.exceptions.exceptions import GreatExpectationsError
    from great_expectations.expectations.metadata_types import FailureSeverity

    rule: Rule = check.rule
    if rule.pair_column is None:
        columns = {"column": rule.column}
    else:
        columns = {"column_A": rule.column, "column_B": rule.pair_column}
        columns["ignore_row_if"] = "either_value_is_missing"
    try:
        return caching_expectation(rule.expectation)(
            type=rule.expectation,
            kwargs={**columns, **check.arguments},
            meta={"position": position, "rule": rule.id, "since": rule.since.isoformat()},
            notes=rule.reason,
            severity=FailureSeverity(rule.severity),
        ).to_domain_obj()
    except (GreatExpectationsError, ValueError) as error:
        fault = f"is not a valid {rule.expectation} of Great Expectations: {' '.join(str(error).split())}"
        raise CatalogueError(FILE, rule.id, fault) from error


def _failures(result: Any) -> Iterator[tuple[int, list[int]]]:
    for outcome in result.results:
        if not outcome.success:
            rows = [int(entry["row_no"]) for entry in outcome.result.get("unexpected_index_list") or []]
            if not rows:
                raise CatalogueError(
                    FILE,
                    outcome.expectation_config.meta["rule"],
                    f"failed without pointing at a row: {_exception(outcome.exception_info)}",
                )
            yield outcome.expectation_config.meta["position"], rows


def _exception(info: dict[str, Any]) -> str:
    """The error messages; Great Expectations gives one entry, or one for each metric that failed."""
    entries = [info] if "raised_exception" in info else list(info.values())
    raised = [str(entry["exception_message"]) for entry in entries if entry.get("raised_exception")]
    return "; ".join(raised) or "the expectation does not validate single rows"
