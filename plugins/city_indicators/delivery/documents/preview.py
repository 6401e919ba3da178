"""Publishes a proposal in a transaction that is rolled back, so that its documents can be seen before."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine

from city_indicators.reports.editions.freeze import Proposal, publish

NOBODY: Final = "–"
"""Who approved a draft."""


@contextmanager
def previewed(warehouse: Engine, proposal: Proposal) -> Iterator[tuple[Connection, str]]:
    """A connection that sees a proposal as an edition, and the number of this edition; nothing of it stays.

    Raises:
        EditionError: the tables, recomputed from the same data, differ from the proposed ones.
    """
    with warehouse.connect() as connection, connection.begin() as transaction:
        try:
            yield connection, publish(connection, proposal, NOBODY, proposal.known_at)
        finally:
            transaction.rollback()
