"""Test helper: query a warehouse."""

from typing import Any

from sqlalchemy import Engine, text


def rows(warehouse: Engine, query: str, **parameters: object) -> list[tuple[Any, ...]]:
    with warehouse.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), parameters)]
