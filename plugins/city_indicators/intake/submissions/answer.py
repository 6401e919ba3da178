"""Writes the answer to a city's form: accepted rows, rejected rows with reasons, and the next step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from city_indicators.core.languages import in_all_languages, message
from city_indicators.intake.messages import LOADED, NOT_READ

NEXT_STEPS: Final = {
    "value_is_number": "write digits and a decimal point, without spaces, signs or words",
    "plausible_range": "check the observation and its unit; if both are right, inform the operator",
    "one_value_per_key": "keep the right one of the rows",
    "no_repeat": "delete the repeated row",
}
"""The next step for rules whose reason does not state it."""

NOT_LOADED: Final = message("NOT LOADED: %(rejected)s of %(read)s rows were rejected.")

GO_ON: Final = (
    "Correct the rejected rows and submit the file again under the same name: accepted rows may stay in it\n"
    "and change nothing. Observations of earlier forms that this one does not name stay as they are.\n"
)


@dataclass(frozen=True)
class Account:
    """The result of a form: the load's row in the ledger, and the rows of the file.

    `accepted` has staged.STAGED_COLUMNS; `rejected` pointer, indicator, time_period,
    value_as_published, rule and reason.
    """

    load: Mapping[str, Any]
    accepted: pd.DataFrame
    rejected: pd.DataFrame


def unreadable(name: str, fault: str) -> str:
    """The answer to an unreadable file."""
    return f"{name}: {in_all_languages(NOT_READ)}\n\nWhy: {fault}\n"


def answer(name: str, account: Account) -> str:
    """The answer to a form whose rows were validated."""
    return "\n".join([_head(name, account), *_accepted(account), *_refused(account), GO_ON])


def _head(name: str, account: Account) -> str:
    load = account.load
    read, rejected = load["read_rows"], load["rejected_rows"]
    if load["state"] != "published":
        head = in_all_languages(NOT_LOADED, read=read, rejected=rejected)
        return f"{name}: {head}\nWhy: {'; '.join(load['refusals'])} (load {load['load_id']}).\n"
    head = in_all_languages(LOADED, read=read, accepted=load["accepted_rows"], rejected=rejected)
    return (
        f"{name}: {head}\nRows without a value: {load['empty_cells']} (load {load['load_id']}).\n"
        f"New {load['added']}, revised {load['revised']}, as before {load['unchanged']}, "
        f"overtaken by a later form {load['outdated']}.\n"
    )


def _accepted(account: Account) -> list[str]:
    if account.load["state"] != "published":
        return [f"Rows without a fault of their own: {len(account.accepted)}; send them again too.\n"]
    if account.accepted.empty:
        return []
    lines = (
        f"  {row['pointer']}: {row['ref_area']} {row['indicator']} {row['time_period']}: "
        f"{row['value_as_published']} {row['unit_as_published']} = "
        f"{row['obs_value']:.15g} {row['unit_measure']}"
        for row in account.accepted.to_dict("records")
    )
    return ["Accepted:", *lines, ""]


def _refused(account: Account) -> list[str]:
    if account.rejected.empty:
        return []
    lines = ["Refused:"]
    for row in account.rejected.to_dict("records"):
        lines.append(
            f"  {row['pointer']}: {row['indicator']} {row['time_period']} {row['value_as_published']!r}\n"
            f"    {row['rule']}: {row['reason']}"
        )
        if next_step := NEXT_STEPS.get(row["rule"]):
            lines.append(f"    Next step: {next_step}")
    return [*lines, ""]
