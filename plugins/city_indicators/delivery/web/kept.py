"""Keeps the latest answers in memory: readers of the same data share the work of making a page.

Readers who come while it is made wait for it.
"""

from http import HTTPStatus
from typing import Final

from anyio import Event, Semaphore
from cachetools import LRUCache
from fastapi import Response
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BYTES: Final = 64_000_000
"""Of all answers that a process keeps."""

AT_ONCE: Final = 2
"""Pages that a process makes at the same time: Python runs one at a time, and with more of them each of their
statements waits for a turn among all."""

Headers = list[tuple[bytes, bytes]]


class AnswerFound(Exception):  # noqa: N818 – not an error, but a dependency can end a request in no other way
    """Ends a request whose answer is kept."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def found(_request: Request, ending: Exception) -> Response:
    """Answer a request that `AnswerFound` ended."""
    if not isinstance(ending, AnswerFound):
        raise TypeError(ending)
    return ending.answer


class KeptAnswers:
    """The latest complete answers by their key, at most so many bytes of them.

    All methods are called from the event loop of the server. Whoever makes an answer takes one of `turns`.
    """

    def __init__(self, most: int = BYTES) -> None:
        self.turns = Semaphore(AT_ONCE)
        self._answers: LRUCache[str, tuple[Headers, bytes]] = LRUCache(most, lambda answer: len(answer[1]))
        self._making: dict[str, Event] = {}

    @property
    def waited_for(self) -> frozenset[str]:
        """The keys of the answers that are being made."""
        return frozenset(self._making)

    async def find(self, key: str) -> Response | None:
        """The answer of a key, if need be once it is made; None: the caller makes it, then calls `made`."""
        if making := self._making.get(key):
            await making.wait()
        found = self._answers.get(key)
        if found is None:
            self._making.setdefault(key, Event())
            return None
        answer = Response(found[1])
        answer.raw_headers = list(found[0])
        return answer

    def keep(self, key: str, headers: Headers, body: bytes) -> None:
        """Keep an answer, unless it is larger than all the room."""
        if len(body) <= self._answers.maxsize:
            self._answers[key] = (headers, body)

    def made(self, key: str) -> None:
        """The answer of a key is complete or has failed: whoever waits for it goes on."""
        if making := self._making.pop(key, None):
            making.set()


class Keeping:
    """Middleware that keeps the successful answers of requests whose state names a key (`unchanged`).

    It gives the turn back that such a request has.
    """

    def __init__(self, app: ASGIApp, answers: KeptAnswers) -> None:
        self.app = app
        self.answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        # Set here, so that a copy of the scope shares it: whoever waits for a key must be woken.
        state = scope.setdefault("state", {})
        beginning: Message = {}
        body: list[bytes] = []

        def give_back() -> None:
            if state.pop("turn", False):
                self.answers.turns.release()

        async def send_and_keep(message: Message) -> None:
            key = state.get("key")
            if message["type"] == "http.response.start":
                # The answer is made; its reader may be slow.
                give_back()
                beginning.update(message)
            elif key and beginning["status"] == HTTPStatus.OK:
                body.append(message.get("body", b""))
                if not message.get("more_body", False):
                    self.answers.keep(key, list(beginning["headers"]), b"".join(body))
            await send(message)

        try:
            await self.app(scope, receive, send_and_keep)
        finally:
            give_back()
            if key := state.get("key"):
                self.answers.made(key)
