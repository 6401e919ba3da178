"""Validates a load: splits its rows into accepted and rejected, and checks the gate rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.ingest.categories import alike, are_given, plain
from city_indicators.ingest.normalise import KEY
from city_indicators.ingest.validation.context import in_context
from city_indicators.ingest.validation.load_checks.assess import NOTHING_HELD, Held, assess
from city_indicators.ingest.validation.rules import Check, RuleSet, checks
from city_indicators.ingest.validation.suite import Validation, run, run_blocks

REJECTED_COLUMNS: Final = [
    "url",
    "pointer",
    *KEY,
    "value_as_published",
    "rule",
    "reason",
    "raw_row",
]


WARNING_COLUMNS: Final = [*KEY, "rule", "reason"]
ORIGIN: Final = ["sha256", "url", "pointer", "raw_row"]
"""The columns that no rule reads."""
ROWS_AT_A_TIME: Final = 250_000
"""A row takes a kilobyte while its context is computed."""


@dataclass(frozen=True)
class ValidationResult:
    """The rows of a load after validation, and the results of the suites.

    `accepted` has the columns of the observations, `rejected` has REJECTED_COLUMNS. `warnings` has
    WARNING_COLUMNS, one row for each accepted row and rule of severity `info` that it fails. `refusals` are
    the reasons of the critical rules on indicators and on the load that failed: with any, the load is not
    published. `load_warnings` are those of such rules of severity `info`.
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame
    warnings: pd.DataFrame
    validations: tuple[Validation, ...]
    refusals: tuple[str, ...]
    load_warnings: tuple[str, ...] = ()


def validate_observations(
    source: str,
    observations: pd.DataFrame,
    stored: pd.DataFrame,
    rules: RuleSet,
    catalogue: Catalogue,
    indicators: list[str],
    held: Held = NOTHING_HELD,
    partial: bool = False,
) -> ValidationResult:
    """Validate the observations of one load.

    `stored` are the keys in the warehouse within the load's scope, `held` what else is known before the load.
    A `partial` load gives only the observations that it names.

    Every row is either accepted or rejected. A row that fails several rules is rejected by the first one.
    """
    blocks = Blocks(source, observations, held.known, catalogue)
    row_checks = checks(rules.row_rules, catalogue, indicators)
    rows = run_blocks(f"{source}.rows", row_checks, blocks)
    info_only = [n for n, check in enumerate(row_checks) if check.rule.severity == "info"]
    first_failed = _first_failed({n: failed for n, failed in rows.failures.items() if n not in info_only})
    failed = blocks.rows({row_no for failures in rows.failures.values() for row_no in failures})
    is_rejected = failed["row_no"].isin(first_failed)
    rejected = _rejected(failed[is_rejected], first_failed, row_checks)
    accepted = observations[~observations["row_no"].isin(first_failed)] if first_failed else observations
    if len(accepted) + len(rejected) != len(observations):
        raise AssertionError(
            f"{len(observations)} read ≠ {len(accepted)} accepted + {len(rejected)} rejected"
        )

    assessed = assess(source, observations, accepted, stored, held, catalogue, indicators, partial)
    by_indicator = _Assessed(
        f"{source}.indicators", checks(rules.indicator_rules, catalogue, indicators), assessed
    )
    gate_rules = [rule for rule in rules.gate_rules if len(observations) >= rule.from_rows]
    summary = gate_summary(observations, rejected, stored, partial)
    gate = _Assessed(f"{source}.gate", checks(gate_rules, catalogue, indicators), summary)
    warnings = _warnings(failed[~is_rejected], rows.failures, row_checks, info_only)
    return ValidationResult(
        accepted,
        rejected,
        warnings,
        (rows, by_indicator.validation, gate.validation),
        (*gate.reasons("critical"), *by_indicator.reasons("critical")),
        (*gate.reasons("info"), *by_indicator.reasons("info")),
    )


class Blocks:
    """The observations of a load in their context, some indicators at a time.

    Indicators of one mix are in one block; a small load is one block.
    """

    def __init__(
        self, source: str, observations: pd.DataFrame, known: pd.DataFrame, catalogue: Catalogue
    ) -> None:
        self._source = source
        self._observations = observations
        self._known = known
        self._catalogue = catalogue
        self._blocks = list(self._split())
        self._last: tuple[int, pd.DataFrame] | None = None

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """The blocks, each with the columns of `context.in_context`."""
        return map(self._block, range(len(self._blocks)))

    def rows(self, row_numbers: set[int]) -> pd.DataFrame:
        """The rows with these row_no, with the columns of their context."""
        wanted = self._observations[self._observations["row_no"].isin(row_numbers)]
        indicators = set(wanted["indicator"])
        found = [
            block[block["row_no"].isin(row_numbers)]
            for number, names in enumerate(self._blocks)
            if len(self._blocks) == 1 or not indicators.isdisjoint(names)
            for block in (self._block_of(number, wanted["ref_area"]),)
        ]
        rows = plain(pd.concat(found) if found else self._block(0).head(0)).sort_values("row_no")
        origin = [name for name in ORIGIN if name in self._observations]
        return rows.join(plain(self._observations.loc[rows.index, origin]))

    def _block(self, number: int) -> pd.DataFrame:
        if self._last is None or self._last[0] != number:
            self._last = None
            self._last = number, self._in_context(number, self._observations, self._known)
        return self._last[1]

    def _block_of(self, number: int, places: "pd.Series[str]") -> pd.DataFrame:
        """A block, or only some places of it: the context of an observation is all of its own place."""
        if self._last is not None and self._last[0] == number:
            return self._last[1]
        frames = (self._observations, self._known)
        return self._in_context(number, *(frame[frame["ref_area"].isin(places)] for frame in frames))

    def _in_context(self, number: int, observations: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
        frames = (observations.drop(columns=ORIGIN, errors="ignore"), known)
        rows, known = (frame[frame["indicator"].isin(self._blocks[number])] for frame in frames)
        return in_context(self._source, rows, known, self._catalogue)

    def _split(self) -> Iterator[list[str]]:
        sizes = self._observations["indicator"].value_counts(sort=False)
        mixes: dict[str, list[str]] = {}
        for name in map(str, sizes.index):
            indicator = self._catalogue.indicators.get(name)
            mixes.setdefault(indicator.mix if indicator and indicator.mix else name, []).append(name)
        block: list[str] = []
        for names in mixes.values():
            if block and sizes[[*block, *names]].sum() > ROWS_AT_A_TIME:
                yield block
                block = []
            block = [*block, *names]
        yield block


class _Assessed:
    """The checks of a load, or of each indicator of it, and the reasons of those that failed."""

    def __init__(self, suite: str, checks: list[Check], facts: pd.DataFrame) -> None:
        self._checks = checks
        self._facts = {row["row_no"]: row for row in facts.to_dict("records")}
        self.validation = run(suite, checks, facts)

    def reasons(self, severity: str) -> list[str]:
        """The reasons of the failed checks of a severity; equal ones once."""
        failures = self.validation.failures
        return list(
            dict.fromkeys(
                self._checks[position].rule.reason_for(self._facts[row_no])
                for position in sorted(failures)
                if self._checks[position].rule.severity == severity
                for row_no in failures[position]
            )
        )


def gate_summary(
    observations: pd.DataFrame, rejected: pd.DataFrame, stored: pd.DataFrame, partial: bool = False
) -> pd.DataFrame:
    """Summarise the load in one row, for the gate rules.

    - `read`, `rejected`, `stored`, `withdrawn`: counts of observations
    - `rejected_share`, `withdrawn_share`: from 0 to 1
    - `periods_gone`, `first_period_gone`: how many stored periods of an indicator the source no longer gives
    - `latest_periods_gone`, `first_latest_gone`: for how many indicators that is the latest period
    - `only_rejected`: how many rows were rejected if all were; `nothing_read`: 1 if there is no row. Both
      are 0 for a `partial` load

    An observation that the source still gives is not withdrawn, even if its row is rejected.
    """
    observations, stored = alike(observations[KEY], stored[KEY])
    gone = ~are_given(stored, observations)
    read, withdrawn = len(observations), int(gone.sum())
    periods, latest = _periods_gone(observations, stored)
    return pd.DataFrame(
        {
            "row_no": [0],
            "read": [read],
            "rejected": [len(rejected)],
            "rejected_share": [len(rejected) / read if read else 0.0],
            "stored": [len(stored)],
            "withdrawn": [withdrawn],
            "withdrawn_share": [withdrawn / len(stored) if len(stored) else 0.0],
            "periods_gone": [len(periods)],
            "first_period_gone": [" ".join(periods[0]) if periods else ""],
            "latest_periods_gone": [len(latest)],
            "first_latest_gone": [" ".join(latest[0]) if latest else ""],
            "only_rejected": [read if read == len(rejected) and not partial else 0],
            "nothing_read": [int(read == 0 and not partial)],
        }
    )


def _periods_gone(
    observations: pd.DataFrame, stored: pd.DataFrame
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Indicator and period of all stored periods without a row; and of these, the latest of an indicator."""
    names = ["indicator", "time_period"]
    stored = plain(stored)
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
