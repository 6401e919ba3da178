"""Writes the answer to a file of cases for its sender."""

from datetime import datetime

from city_indicators.core.languages import in_all_languages
from city_indicators.intake.best_practices.publish import Published
from city_indicators.intake.messages import LOADED, NOT_READ

TAKEN = "All cases were accepted. Nothing is left to do."
MEND = (
    "The accepted cases are in the base. Correct the rejected rows and put the file into the same folder "
    "again, under the same name if you like: accepted rows are recognised by their case_id. The template "
    "with its notes: `python -m city_indicators template best_practices best_practices.xlsx`."
)


def answer(name: str, received_at: datetime, published: Published) -> str:
    """The answer: accepted cases, rejected rows with rule and reason, and the next step."""
    read, accepted, refused = published.read, published.accepted, published.refused
    return "\n".join(
        [
            _head(name, received_at),
            in_all_languages(LOADED, read=read, accepted=accepted, rejected=len(refused)),
            f"New cases: {published.added}; changed: {published.revised}; as before: {published.unchanged}.",
            *(["", "Refused:"] if refused else []),
            *(f"  {refusal.line}" for refusal in refused),
            "",
            f"What to do next: {MEND if refused else TAKEN}",
        ]
    )


def answer_unreadable(name: str, received_at: datetime, fault: str) -> str:
    """The answer to an unreadable file."""
    return "\n".join(
        [
            _head(name, received_at),
            in_all_languages(NOT_READ),
            "",
            f"Why: {fault}",
        ]
    )


def _head(name: str, received_at: datetime) -> str:
    return f"Best-practice cases: {name}\nReceived {received_at:%Y-%m-%d %H:%M} UTC\n"
