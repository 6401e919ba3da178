"""Chooses the format of an answer by `format=` of the address, else by the header Accept."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from starlette.requests import Request

from city_indicators.core.errors import FormatError

Name = TypeVar("Name", bound=str)


def chosen(request: Request, what: str, given: Name | None, offers: Mapping[Name, str]) -> Name:
    """The name of the best format among `offers`, media types by name; the first one by default.

    Raises:
        FormatError: the request accepts none of them.
    """
    if given is not None:
        return given
    accepted = list(_accepted(request.headers.get("accept", "*/*")))
    for pattern in accepted:
        for name, offer in offers.items():
            if _matches(pattern, offer):
                return name
    if "text/html" in accepted:
        return next(iter(offers))
    kinds = ", ".join(offers.values())
    raise FormatError(
        what,
        f"it is not written as {', '.join(accepted)}",
        f"accept {kinds}, or add format={'|'.join(offers)}",
    )


def _accepted(header: str) -> Iterator[str]:
    """The media types of a header Accept with their parameters, the preferred ones first."""
    weighed = []
    for each in header.split(","):
        kind, *parameters = (part.strip().lower() for part in each.split(";"))
        weights = [part.removeprefix("q=") for part in parameters if part.startswith("q=")]
        rest = [part.replace(" ", "") for part in parameters if not part.startswith("q=")]
        weighed.append((_weight(weights), ";".join([kind, *rest])))
    weighed.sort(key=lambda pair: -pair[0])
    return (kind for weight, kind in weighed if weight > 0)


def _weight(given: list[str]) -> float:
    try:
        return float(given[0]) if given else 1.0
    except ValueError:
        return 0.0


def _matches(pattern: str, offer: str) -> bool:
    """Whether a media type is accepted; only the first number of a version counts."""
    kind, *parameters = pattern.split(";")
    offered, *of_offer = offer.replace(" ", "").split(";")
    group, _, name = kind.partition("/")
    if not (kind == "*/*" or kind == offered or (name == "*" and offered.startswith(f"{group}/"))):
        return False
    wanted, has = ([part for part in each if part.startswith("version=")] for each in (parameters, of_offer))
    return not wanted or not has or wanted[0].split(".")[0] == has[0].split(".")[0]
