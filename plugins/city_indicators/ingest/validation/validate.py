"""Splits a load into accepted and rejected rows, and passes the gate or not."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.ingest.normalise import KEY
from city_indicators.ingest.validation.context import NOTHING_KNOWN, in_context
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
    """`accepted` keeps the columns of the observations; `rejected` has REJECTED_COLUMNS.

    `warnings` has WARNING_COLUMNS, one row for each accepted row and rule of severity `info` that it
    fails. `refusals` are the reasons of the gate rules that failed: with any, nothing may be published.
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame
    warnings: pd.DataFrame
    validations: tuple[Validation, ...]
    refusals: tuple[str, ...]


def validate_observations(
    source: str,
    observations: pd.DataFrame,
    held: pd.DataFrame,
    rules: RuleSet,
    catalogue: Catalogue,
    indicators: list[str],
    known: pd.DataFrame = NOTHING_KNOWN,
) -> ValidationResult:
    """Validate the observations of one load.

    `held` are the keys that the warehouse holds of its scope, `known` what it holds of the indicators
    whose changes and differences are bounded (context.KNOWN_COLUMNS), of every source.

    Every row read is accepted or rejected: a row that fails several rules is rejected once, by the
    first rule declared.
    """
    validated = in_context(source, observations, known, catalogue)
    row_checks = checks(rules.row_rules, catalogue, indicators)
    rows = run(f"{source}.rows", row_checks, validated)
    told = [n for n, check in enumerate(row_checks) if check.rule.severity == "info"]
    first_failed = _first_failed({n: failed for n, failed in rows.failures.items() if n not in told})
    rejected = _rejected(validated, first_failed, row_checks)
    accepted = observations[~observations["row_no"].isin(first_failed)]
    if len(accepted) + len(rejected) != len(observations):
        raise AssertionError(
            f"{len(observations)} read ≠ {len(accepted)} accepted + {len(rejected)} rejected"
        )

    gate_rules = [rule for rule in rules.gate_rules if len(observations) >= rule.from_rows]
    gate_checks = checks(gate_rules, catalogue, indicators)
    summary = gate_summary(observations, rejected, held)
    gate = run(f"{source}.gate", gate_checks, summary)
    (facts,) = summary.to_dict("records")
    refusals = tuple(
        gate_checks[position].rule.reason_for(facts)
        for position in sorted(gate.failures)
        if gate_checks[position].rule.severity == "critical"
    )
    warnings = _warnings(validated[~validated["row_no"].isin(first_failed)], rows.failures, row_checks, told)
    return ValidationResult(accepted, rejected, warnings, (rows, gate), refusals)


def gate_summary(observations: pd.DataFrame, rejected: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """One row that describes the whole load, for the gate rules to validate.

    Columns: row_no, read, rejected, held, withdrawn (counts), rejected_share and withdrawn_share
    (0 to 1); worst_indicator and worst_withdrawn_share, the indicator that lost the largest share of its
    observations, of those with ten at least; periods_gone, how many periods of an indicator the source no
    longer gives at all, and latest_periods_gone, for how many indicators that is the latest one, each
    with the first of them. An observation the source still gives, even badly, is not withdrawn.
    """
    given = pd.MultiIndex.from_frame(observations[KEY])
    gone = ~pd.MultiIndex.from_frame(held[KEY]).isin(given)
    read, withdrawn = len(observations), int(gone.sum())
    periods, latest = _periods_gone(observations, held)
    worst, worst_share = _worst_indicator(held, gone)
    return pd.DataFrame(
        {
            "row_no": [0],
            "read": [read],
            "rejected": [len(rejected)],
            "rejected_share": [len(rejected) / read if read else 0.0],
            "held": [len(held)],
            "withdrawn": [withdrawn],
            "withdrawn_share": [withdrawn / len(held) if len(held) else 0.0],
            "worst_indicator": [worst],
            "worst_withdrawn_share": [worst_share],
            "periods_gone": [len(periods)],
            "first_period_gone": [" ".join(periods[0]) if periods else ""],
            "latest_periods_gone": [len(latest)],
            "first_latest_gone": [" ".join(latest[0]) if latest else ""],
        }
    )


def _worst_indicator(held: pd.DataFrame, gone: "np.ndarray[Any, np.dtype[np.bool_]]") -> tuple[str, float]:
    """The indicator that lost the largest share; of fewer than ten observations no share is told."""
    by_indicator = pd.Series(gone, dtype=float).groupby(held["indicator"].to_numpy())
    shares = by_indicator.mean()[by_indicator.count() >= FEWEST_OBSERVATIONS]
    return (str(shares.idxmax()), float(shares.max())) if len(shares) else ("", 0.0)


def _periods_gone(
    observations: pd.DataFrame, held: pd.DataFrame
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Indicator and period of what is wholly gone; and of these, the latest held of their indicator."""
    names = ["indicator", "time_period"]
    given = set(observations[names].drop_duplicates().itertuples(index=False, name=None))
    gone = sorted(set(held[names].drop_duplicates().itertuples(index=False, name=None)) - given)
    last = held.groupby("indicator")["time_period"].max()
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
        # A form has rules of its own, told by what read it.
        rule=[
            row["fault"] if rule.column == "fault" else rule.id for rule, row in zip(rules, rows, strict=True)
        ],
        reason=[rule.reason_for(row) for rule, row in zip(rules, rows, strict=True)],
    )[REJECTED_COLUMNS]


def _warnings(
    accepted: pd.DataFrame, failures: dict[int, list[int]], checks: list[Check], told: list[int]
) -> pd.DataFrame:
    warnings = [
        {
            **{name: row[name] for name in KEY},
            "rule": checks[n].rule.id,
            "reason": checks[n].rule.reason_for(row),
        }
        for n in told
        for row in accepted[accepted["row_no"].isin(failures.get(n, []))].to_dict("records")
    ]
    return pd.DataFrame(warnings, columns=WARNING_COLUMNS)
