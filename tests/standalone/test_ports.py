"""Ports: the usual one if free, else the next."""

import socket

import pytest

from standalone import ports
from standalone.errors import LocalStackError


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - somebody else's server
def test_a_taken_port_is_passed_over(address: str) -> None:
    with socket.socket() as other:
        other.bind((address, 0))
        other.listen()
        taken = other.getsockname()[1]
        assert not ports.is_free(taken)
        assert ports.pick(taken) > taken


def test_a_port_to_avoid_is_passed_over() -> None:
    first = ports.pick(20000)
    assert ports.pick(first, frozenset({first})) > first


def test_no_free_port_is_an_error_with_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _: False)
    with pytest.raises(LocalStackError, match="free one of them"):
        ports.pick(8080)
