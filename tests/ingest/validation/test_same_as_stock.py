"""Cached expectations give the same result documents as the stock expectations of Great Expectations."""

import json
import subprocess
import sys
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.ingest.validation.context import KNOWN_COLUMNS, in_context
from city_indicators.ingest.validation.rules import Check, checks, load_rules
from city_indicators.ingest.validation.suite import kinds_of, run
from city_indicators.ingest.validation.validate import gate_summary
from tests.ingest.validation.test_mutations import BREAKS, GATE_BREAKS, KNOWN_OBSERVATIONS

COUNTS = [
    *("element_count", "missing_count", "missing_percent", "unexpected_count", "unexpected_percent"),
    *("unexpected_percent_total", "unexpected_percent_nonmissing"),
]


def stock(checks: list[Check], rows: pd.DataFrame) -> dict[str, Any]:
    """The document of stock expectations on some rows, run by a validation definition in its own context."""
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    suite = gx.ExpectationSuite(name="suite")
    for position, check in enumerate(checks):
        names = ("column",) if check.rule.pair_column is None else ("column_A", "column_B")
        ignored = {} if len(names) == 1 else {"ignore_row_if": "either_value_is_missing"}
        configuration = ExpectationConfiguration(
            type=check.rule.expectation,
            kwargs={**dict(zip(names, check.columns, strict=True)), **ignored, **check.arguments},
            meta={"position": position, "rule": check.rule.id, "since": check.rule.since.isoformat()},
            notes=check.rule.reason,
            severity=FailureSeverity(check.rule.severity),
        )
        suite.add_expectation(configuration.to_domain_obj())
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("observations")
    definition = gx.ValidationDefinition(
        name="suite", data=asset.add_batch_definition_whole_dataframe("load"), suite=context.suites.add(suite)
    )
    result = context.validation_definitions.add(definition).run(
        batch_parameters={"dataframe": rows},
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row_no"]},
    )
    document: dict[str, Any] = result.to_json_dict()
    for each in document["results"]:
        # Only the expectations of a stored suite have ids.
        del each["expectation_config"]["id"]
    return document


def same(checks: list[Check], rows: pd.DataFrame) -> dict[str, Any]:
    """The document of `run`, after checking it against those of the stock expectations.

    Its counts and shares are those of all rows; everything else is that of one row of each kind.
    """
    document, of_all = run("suite", checks, rows).document, stock(checks, rows)
    of_examples = stock(checks, kinds_of(checks, rows).examples)
    for ours, all_rows, examples in zip(
        document["results"], of_all["results"], of_examples["results"], strict=True
    ):
        assert {name: ours["result"].get(name) for name in COUNTS} == {
            name: all_rows["result"].get(name) for name in COUNTS
        }
        assert sum(each["count"] for each in ours["result"].get("partial_unexpected_counts", ())) == ours[
            "result"
        ].get("unexpected_count", 0)
        for each in (ours, examples):
            for name in [*COUNTS, "partial_unexpected_counts"]:
                each["result"].pop(name, None)
    for each in (document, of_examples):
        for of_the_run in ("meta", "id"):
            each.pop(of_the_run)
    assert document == of_examples
    return document


def test_all_row_rules_at_once(catalogue: Catalogue, rows_of: Any) -> None:
    changes = [change for changes in BREAKS.values() for change in changes]
    # Each bad row stands twice, and the good one twenty times.
    rows = rows_of(*[{}] * 20, *changes, *changes)
    known = pd.DataFrame(KNOWN_OBSERVATIONS, columns=KNOWN_COLUMNS)
    row_checks = checks(load_rules().row_rules, catalogue, sorted(rows["indicator"].unique()))
    document = same(row_checks, in_context("publisher", rows, known, catalogue))
    assert document["statistics"]["unsuccessful_expectations"] == len(BREAKS)
    json.dumps(document, allow_nan=False)


@pytest.mark.parametrize("broken", [False, True])
def test_the_gate(catalogue: Catalogue, rows_of: Any, stored_keys: Any, broken: bool) -> None:
    changes, stored = GATE_BREAKS["latest_period_stays"]
    rows = rows_of(*changes)
    summary = gate_summary(rows, rows.head(0), stored_keys(*stored if broken else stored[:1]))
    document = same(checks(load_rules().gate_rules, catalogue, []), summary)
    assert document["statistics"]["unsuccessful_expectations"] == (2 if broken else 0)


def test_the_stock_expectations_stay_registered(catalogue: Catalogue, rows_of: Any) -> None:
    from great_expectations.expectations import core
    from great_expectations.expectations.registry import get_expectation_impl

    run("suite", checks(load_rules().row_rules[:1], catalogue, []), rows_of({}))
    null = get_expectation_impl("expect_column_values_to_be_null")
    assert null is core.ExpectColumnValuesToBeNull


def test_great_expectations_writes_nothing_into_the_log_of_a_task() -> None:
    """In a new process, because the library writes only when it is first used; tasks find it imported."""
    program = """
import logging, sys
import great_expectations
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(name)s %(message)s")
from city_indicators.ingest.validation import suite
suite._load()
"""
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == ""
