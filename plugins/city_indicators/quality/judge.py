"""Splits a load into accepted and rejected rows, and passes the gate or not."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.quality.rules import Check, RuleSet, checks
from city_indicators.quality.suite import Validation, run
from city_indicators.sources.tidy import KEY

REJECTED_COLUMNS: Final = [
    "url",
    "pointer",
    *KEY,
    "value_as_published",
    "rule",
    "reason",
    "raw_row",
]


@dataclass(frozen=True)
class Judgement:
    """`accepted` keeps the columns of the observations; `rejected` has REJECTED_COLUMNS.

    `refusals` are the reasons of the gate rules that failed: with any, nothing may be published.
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame
    validations: tuple[Validation, ...]
    refusals: tuple[str, ...]


def judge(
    source: str,
    observations: pd.DataFrame,
    held: pd.DataFrame,
    rules: RuleSet,
    catalogue: Catalogue,
    indicators: list[str],
) -> Judgement:
    """Judge the figures of one load; `held` are the keys that the warehouse holds of its scope.

    Every row read is accepted or rejected: a row that fails several rules is rejected once, by the
    first rule declared.
    """
    row_checks = checks(rules.row_rules, catalogue, indicators)
    rows = run(f"{source}.rows", row_checks, observations)
    first_failed = _first_failed(rows.failures)
    rejected = _rejected(observations, first_failed, row_checks)
    accepted = observations[~observations["row_no"].isin(first_failed)]
    if len(accepted) + len(rejected) != len(observations):
        raise AssertionError(
            f"{len(observations)} read ≠ {len(accepted)} accepted + {len(rejected)} rejected"
        )

    gate_rules = [rule for rule in rules.gate_rules if len(observations) >= rule.from_rows]
    gate_checks = checks(gate_rules, catalogue, indicators)
    summary = gate_summary(observations, rejected, held)
    gate = run(f"{source}.gate", gate_checks, summary)
    (figures,) = summary.to_dict("records")
    refusals = tuple(
        gate_checks[position].rule.reason.format_map(figures)
        for position in sorted(gate.failures)
        if gate_checks[position].rule.severity == "critical"
    )
    return Judgement(accepted, rejected, (rows, gate), refusals)


def gate_summary(observations: pd.DataFrame, rejected: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """One row that describes the whole load, for the gate rules to judge.

    Columns: row_no, read, rejected, held, withdrawn (counts), rejected_share and withdrawn_share
    (0 to 1). A figure the source still gives, even badly, is not withdrawn.
    """
    given = pd.MultiIndex.from_frame(observations[KEY])
    gone = ~pd.MultiIndex.from_frame(held[KEY]).isin(given)
    read, withdrawn = len(observations), int(gone.sum())
    return pd.DataFrame(
        {
            "row_no": [0],
            "read": [read],
            "rejected": [len(rejected)],
            "rejected_share": [len(rejected) / read if read else 0.0],
            "held": [len(held)],
            "withdrawn": [withdrawn],
            "withdrawn_share": [withdrawn / len(held) if len(held) else 0.0],
        }
    )


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
        reason=[rule.reason.format_map(row) for rule, row in zip(rules, rows, strict=True)],
    )[REJECTED_COLUMNS]
