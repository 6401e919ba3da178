"""Choices of a reader in the address of a page."""

from collections.abc import Mapping

from fastapi import HTTPException


def chosen(what: str, options: Mapping[str, str], wanted: str | None, default: str) -> str:
    """The option that the address names, or the default if it names none.

    Raises:
        HTTPException: 404, there is no such option; `what` names the choice.
    """
    if wanted is None:
        return default
    if wanted not in options:
        raise HTTPException(
            404,
            f"there is no {what} {wanted!r}. Next step: choose one of {[each for each in options if each]}",
        )
    return wanted
