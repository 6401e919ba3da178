"""The answer to a file of cases, for the person who sent it."""

from datetime import datetime

from city_indicators.core.languages import in_all_languages
from city_indicators.intake.best_practices.publish import Published
from city_indicators.intake.messages import LOADED, NOT_READ

TAKEN = "Everything was taken. Nothing is left to do."
MEND = (
    "The cases taken are in the base. Mend the refused rows and put the file into the same folder again, "
    "under the same name if you like: rows that were taken are recognised by their case_id. The template "
    "with its notes: `python -m city_indicators template best_practices best_practices.xlsx`."
)


def answer(name: str, received_at: datetime, published: Published) -> str:
    """What was taken, what was refused by row, rule and reason, and what to do next."""
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
    """Why nothing of a file could be read."""
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
