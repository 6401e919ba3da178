"""Ports: the usual one if free, else the next."""

import errno
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


def test_a_machine_without_an_address_of_ipv4_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # 192.0.2.1 is reserved for documentation: no machine has it.
    monkeypatch.setattr(ports, "LOOPBACK", "192.0.2.1")
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *_: errno.ENETUNREACH)
    with pytest.raises(LocalStackError, match=r"no address 192\.0\.2\.1"):
        ports.pick(8080)


def test_no_free_port_is_an_error_with_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _: False)
    with pytest.raises(LocalStackError, match="free one of them"):
        ports.pick(8080)
