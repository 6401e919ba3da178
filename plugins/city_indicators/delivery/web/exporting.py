"""Answers a request with an export that another process makes, within bounds.

Neither the work nor its transaction is in the API server, which tasks report to. The process ends with the
request, also when its reader has left. The file is complete before its first byte is sent, with its length:
behind Airflow's middleware the beginning of a file would look like all of it.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from anyio import CancelScope, create_task_group, fail_after, move_on_after, run_process
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from city_indicators.core.errors import ExportError
from city_indicators.core.paths import PROJECT
from city_indicators.delivery.exports.files import chunks
from city_indicators.delivery.exports.order import COMMAND, FEWER, Bounds, Order

PROGRAM: Final = (sys.executable, "-m", "city_indicators.delivery.exports.child")
FOLDERS: Final = "city-indicators-export-"
"""How the names of the temporary folders begin."""

BOUNDS: Final = Bounds(
    rows={
        "csv": 5_000_000,
        "sdmx-csv": 5_000_000,
        "parquet": 5_000_000,
        "package": 2_000_000,
        "xlsx": 100_000,
    },
    seconds=300,
    memory=1 << 30,
    disk=2 << 30,
)
AT_ONCE: Final = 2
"""Exports that one process of the API server makes and sends at the same time."""

RETRY_AFTER: Final = 30
"""Seconds after which a refused reader may try again."""


LEFT: Final = 499
"""The status of a request whose reader has left, as in nginx."""


class Places:
    """The places for exports that run at the same time."""

    def __init__(self, free: int) -> None:
        self.free = free

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Occupy a place during the block; there must be a free one."""
        self.free -= 1
        try:
            yield
        finally:
            self.free += 1


class ExportResponse(Response):
    """The answer to a request for an export."""

    def __init__(self, order: Order, places: Places) -> None:
        self.order = order
        self.places = places
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make and send the file, or the reason why there is none."""
        if not self.places.free:
            detail = f"{AT_ONCE} exports are being made. Next step: try again in {RETRY_AFTER} seconds"
            refusal = JSONResponse({"detail": detail}, 503, {"Retry-After": str(RETRY_AFTER)})
            await refusal(scope, receive, send)
            return
        with self.places.taken(), TemporaryDirectory(prefix=FOLDERS) as folder:
            answer = await self._unless_the_reader_leaves(Path(folder), receive)
            # A reader who takes longer sees that the file is shorter than its length.
            with move_on_after(BOUNDS.seconds):
                await answer(scope, receive, send)

    async def _unless_the_reader_leaves(self, folder: Path, receive: Receive) -> Response:
        # Nobody sees it, but Airflow's middleware logs a request without an answer as an error.
        answer = Response(status_code=LEFT)
        async with create_task_group() as group:
            group.start_soon(_cancel_at_the_end, receive, group.cancel_scope)
            answer = await self._made(folder)
            group.cancel_scope.cancel()
        return answer

    async def _made(self, folder: Path) -> Response:
        order, file = self.order, folder / "export"
        request = {"order": asdict(order), "bounds": asdict(BOUNDS), "file": str(file)}
        path = os.pathsep.join(filter(None, [str(PROJECT / "plugins"), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path, "TMPDIR": str(folder)}
        try:
            with fail_after(BOUNDS.seconds):
                # Errors go to the server's log.
                done = await run_process(
                    PROGRAM, input=json.dumps(request).encode(), stderr=None, check=False, env=environment
                )
        except TimeoutError:
            fault = f"it takes more than the {BOUNDS.seconds} seconds of a download"
            return JSONResponse(
                {"detail": str(ExportError(order.name, fault, f"{FEWER}, or {COMMAND}"))}, 504
            )
        if not done.stdout:
            detail = "the export could not be made. Next step: read the log of the API server"
            return JSONResponse({"detail": detail}, 500)
        result = json.loads(done.stdout)
        if "status" in result:
            return JSONResponse({"detail": result["detail"]}, result["status"])
        headers = {
            "Content-Length": str(file.stat().st_size),
            # Airflow's middleware would compress it, and remove the length.
            "Content-Encoding": "identity",
            "Content-Disposition": f'attachment; filename="{result["name"]}"',
        }
        return StreamingResponse(chunks(file.open("rb")), headers=headers, media_type=result["type"])


async def _cancel_at_the_end(receive: Receive, request: CancelScope) -> None:
    """Cancel a request when its connection is closed."""
    while (await receive())["type"] != "http.disconnect":
        pass
    request.cancel()
