"""A local HTTP server that responds as a test defines."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Act = Callable[[BaseHTTPRequestHandler], object]


class Server:
    """A server that responds with the given acts, one per request; the last one is repeated."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.acts: tuple[Act, ...] = (respond(200),)

    def will(self, *acts: Act) -> None:
        self.acts = acts

    def act(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append((handler.path, dict(handler.headers)))
        self.acts[min(len(self.requests), len(self.acts)) - 1](handler)


def respond(status: int, body: bytes = b"", length: int | None = None, **headers: str) -> Act:
    """An act that answers at once, by default with the true length of the body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def running_server() -> Iterator[Server]:
    """A server at a free port, until the fixture that yields from this ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.act(self)

        do_HEAD = do_GET  # noqa: N815 - as the library calls it

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        served = Server(f"http://127.0.0.1:{listening.server_address[1]}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        listening.shutdown()
        thread.join()
