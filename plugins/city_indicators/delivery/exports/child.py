"""Writes one export to a file, within bounds: `python -m city_indicators.delivery.exports.child`.

Standard input is JSON: an order, bounds and a file. So is the output: name and type of the file, or a status
and an error. An unexpected error is on standard error.
"""

import errno
import json
import os
import resource
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection

from city_indicators.core.errors import ExportError, UnknownExportError
from city_indicators.delivery.exports.formats import MEDIA_TYPES, ending, file_name, write
from city_indicators.delivery.exports.order import COMMAND, FEWER, Bounds, Order
from city_indicators.delivery.exports.tables import Export, choose, reading
from city_indicators.warehouse.database import engine

NICENESS: Final = 10
"""Whatever else the machine does comes first."""


def main() -> None:
    """Write the export."""
    request = json.load(sys.stdin)
    order, bounds = Order(**request["order"]), Bounds(**request["bounds"])
    _bind(bounds)
    try:
        result = _export(order, bounds, Path(request["file"]))
    except Exception as error:
        refused = _refusal(error, order, bounds)
        if refused is None:
            raise
        result = refused
    print(json.dumps(result))


def _bind(bounds: Bounds) -> None:
    os.nice(NICENESS)
    # Whoever started this process ends it earlier, unless that was killed.
    signal.alarm(bounds.seconds + 10)
    resource.setrlimit(resource.RLIMIT_DATA, (bounds.memory, bounds.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (bounds.disk, bounds.disk))


def _export(order: Order, bounds: Bounds, path: Path) -> dict[str, Any]:
    with reading(engine(URL.create(**order.url))) as connection, path.open("w+b") as file:
        export = choose(connection, order.name, order.where)
        kind = ending(export, order.format)
        _refuse_more(connection, export, order, bounds)
        write(connection, export, order.format, order.language, datetime.now(UTC), file)
    return {"name": file_name(export, order.format), "type": MEDIA_TYPES[kind]}


def _refuse_more(connection: Connection, export: Export, order: Order, bounds: Bounds) -> None:
    limit = bounds.rows[order.format]
    for part in export.parts:
        if part.exceeds(connection, limit):
            fault = f"{part.table.fullname} has more rows than the {limit} of a download as {order.format}"
            raise ExportError(export.name, fault, f"{FEWER}, or {COMMAND}")


def _refusal(error: Exception, order: Order, bounds: Bounds) -> dict[str, Any] | None:
    """Status and message of an expected error."""
    if isinstance(error, ExportError):
        return {"status": 404 if isinstance(error, UnknownExportError) else 422, "detail": str(error)}
    # The database's client and the writer of XML have errors of their own for these.
    if isinstance(error, MemoryError) or "out of memory" in str(error):
        exceeded = f"{bounds.memory >> 20} MB of memory"
    elif getattr(error, "errno", None) == errno.EFBIG or "EFBIG" in str(error):
        exceeded = f"{bounds.disk >> 20} MB on the disk"
    else:
        return None
    fault = f"it takes more than the {exceeded} of a download"
    return {
        "status": 422,
        "detail": str(ExportError(order.name, fault, f"{FEWER}, choose csv, or {COMMAND}")),
    }


if __name__ == "__main__":
    main()
