"""Validates a load: splits its rows into accepted and rejected, and checks the gate rules."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.ingest.normalise import KEY
from city_indicators.ingest.validation.context import NO_KNOWN_OBSERVATIONS, in_context
from city_indicators.ingest.validation.rules import Check, RuleSet, checks
from city_indicators.ingest.validation.suite import Validation, run

if TYPE_CHECKING:
    import numpy as np

REJECTED_COLUMNS: Final = [
    "url",
    "pointer",
    *KEY,
    "value_as_published",
    "rule",
    "reason",
    "raw_row",
]


FEWEST_OBSERVATIONS: Final = 10
WARNING_COLUMNS: Final = [*KEY, "rule", "reason"]


@dataclass(frozen=True)
class ValidationResult:
    """The rows of a load after validation, and the results of the suites.

    `accepted` has the columns of the observations, `rejected` has REJECTED_COLUMNS. `warnings` has
    WARNING_COLUMNS, one row for each accepted row and rule of severity `info` that it fails. `refusals` are
    the reasons of the critical gate rules that failed: with any, the load is not published.
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame
    warnings: pd.DataFrame
    validations: tuple[Validation, ...]
    refusals: tuple[str, ...]


def validate_observations(
    source: str,
    observations: pd.DataFrame,
    stored: pd.DataFrame,
    rules: RuleSet,
    catalogue: Catalogue,
    indicators: list[str],
    known: pd.DataFrame = NO_KNOWN_OBSERVATIONS,
) -> ValidationResult:
    """Validate the observations of one load.

    `stored` are the keys in the warehouse within the load's scope. `known` are the observations in the
    warehouse, of every source, of indicators with a bounded change or difference (context.KNOWN_COLUMNS).

    Every row is either accepted or rejected. A row that fails several rules is rejected by the first one.
    """
    validated = in_context(source, observations, known, catalogue)
    row_checks = checks(rules.row_rules, catalogue, indicators)
    rows = run(f"{source}.rows", row_checks, validated)
    info_only = [n for n, check in enumerate(row_checks) if check.rule.severity == "info"]
    first_failed = _first_failed({n: failed for n, failed in rows.failures.items() if n not in info_only})
    rejected = _rejected(validated, first_failed, row_checks)
    accepted = observations[~observations["row_no"].isin(first_failed)]
    if len(accepted) + len(rejected) != len(observations):
        raise AssertionError(
            f"{len(observations)} read ≠ {len(accepted)} accepted + {len(rejected)} rejected"
        )

    gate_rules = [rule for rule in rules.gate_rules if len(observations) >= rule.from_rows]
    gate_checks = checks(gate_rules, catalogue, indicators)
    summary = gate_summary(observations, rejected, stored)
    gate = run(f"{source}.gate", gate_checks, summary)
    (facts,) = summary.to_dict("records")
    refusals = tuple(
        gate_checks[position].rule.reason_for(facts)
        for position in sorted(gate.failures)
        if gate_checks[position].rule.severity == "critical"
    )
    warnings = _warnings(
        validated[~validated["row_no"].isin(first_failed)], rows.failures, row_checks, info_only
    )
    return ValidationResult(accepted, rejected, warnings, (rows, gate), refusals)


def gate_summary(observations: pd.DataFrame, rejected: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """Summarise the load in one row, for the gate rules.

    - `read`, `rejected`, `stored`, `withdrawn`: counts of observations
    - `rejected_share`, `withdrawn_share`: from 0 to 1
    - `worst_indicator`, `worst_withdrawn_share`: the indicator that lost the largest share of its
      observations, among indicators with at least ten
    - `periods_gone`, `first_period_gone`: how many stored periods of an indicator the source no longer gives
    - `latest_periods_gone`, `first_latest_gone`: for how many indicators that is the latest period

    An observation that the source still gives is not withdrawn, even if its row is rejected.
    """
    given = pd.MultiIndex.from_frame(observations[KEY])
    gone = ~pd.MultiIndex.from_frame(stored[KEY]).isin(given)
    read, withdrawn = len(observations), int(gone.sum())
    periods, latest = _periods_gone(observations, stored)
    worst, worst_share = _worst_indicator(stored, gone)
    return pd.DataFrame(
        {
            "row_no": [0],
            "read": [read],
            "rejected": [len(rejected)],
            "rejected_share": [len(rejected) / read if read else 0.0],
            "stored": [len(stored)],
            "withdrawn": [withdrawn],
            "withdrawn_share": [withdrawn / len(stored) if len(stored) else 0.0],
            "worst_indicator": [worst],
            "worst_withdrawn_share": [worst_share],
            "periods_gone": [len(periods)],
            "first_period_gone": [" ".join(periods[0]) if periods else ""],
            "latest_periods_gone": [len(latest)],
            "first_latest_gone": [" ".join(latest[0]) if latest else ""],
        }
    )


def _worst_indicator(stored: pd.DataFrame, gone: "np.ndarray[Any, np.dtype[np.bool_]]") -> tuple[str, float]:
    """The indicator that lost the largest share, and that share, among those with FEWEST_OBSERVATIONS."""
    by_indicator = pd.Series(gone, dtype=float).groupby(stored["indicator"].to_numpy())
    shares = by_indicator.mean()[by_indicator.count() >= FEWEST_OBSERVATIONS]
    return (str(shares.idxmax()), float(shares.max())) if len(shares) else ("", 0.0)


def _periods_gone(
    observations: pd.DataFrame, stored: pd.DataFrame
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Indicator and period of all stored periods without a row; and of these, the latest of an indicator."""
    names = ["indicator", "time_period"]
    given = set(observations[names].drop_duplicates().itertuples(index=False, name=None))
    gone = sorted(set(stored[names].drop_duplicates().itertuples(index=False, name=None)) - given)
    last = stored.groupby("indicator")["time_period"].max()
    return gone, [(indicator, period) for indicator, period in gone if last[indicator] == period]


def _first_failed(failures: dict[int, list[int]]) -> dict[int, int]:
    first: dict[int, int] = {}
    for position in sorted(failures):
        for row_no in failures[position]:
            first.setdefault(row_no, position)
    return first


def _rejected(observations: pd.DataFrame, first_failed: dict[int, int], checks: list[Check]) -> pd.DataFrame:
    failed = observations[observations["row_no"].isin(first_failed)]
    rules = [checks[first_failed[row_no]].rule for row_no in failed["row_no"]]
    rows = failed.to_dict("records")
    return failed.assign(
        # The connector of a form has checked the form's own rules and named the one that failed.
        rule=[
            row["fault"] if rule.column == "fault" else rule.id for rule, row in zip(rules, rows, strict=True)
        ],
        reason=[rule.reason_for(row) for rule, row in zip(rules, rows, strict=True)],
    )[REJECTED_COLUMNS]


def _warnings(
    accepted: pd.DataFrame, failures: dict[int, list[int]], checks: list[Check], info_only: list[int]
) -> pd.DataFrame:
    warnings = [
        {
            **{name: row[name] for name in KEY},
            "rule": checks[n].rule.id,
            "reason": checks[n].rule.reason_for(row),
        }
        for n in info_only
        for row in accepted[accepted["row_no"].isin(failures.get(n, []))].to_dict("records")
    ]
    return pd.DataFrame(warnings, columns=WARNING_COLUMNS)
