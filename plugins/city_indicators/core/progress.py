"""How far a long loop is, for the log of its task."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Final, TypeVar

EVERY_SECONDS: Final = 30.0
"""A loop that is over sooner says nothing."""

log = logging.getLogger(__name__)
Item = TypeVar("Item")


def followed(items: Sequence[Item], what: str, clock: Callable[[], float] = time.monotonic) -> Iterator[Item]:
    """The items one after the other; twice a minute the log gets their number, rate and time left.

    Args:
        items: what the loop takes.
        what: their name in the log, in the plural.
        clock: seconds since any moment.
    """
    started = said = clock()
    for done, item in enumerate(items):
        now = clock()
        if done and now - said >= EVERY_SECONDS:
            said, rate = now, done / (now - started)
            left = timedelta(seconds=round((len(items) - done) / rate))
            log.info("%d of %d %s, %.3g a second, about %s left", done, len(items), what, rate, left)
        yield item
