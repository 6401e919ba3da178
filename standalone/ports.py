"""Free TCP ports on the loopback address."""

import errno
import socket

from standalone.errors import LocalStackError
from standalone.settings import LOOPBACK

ATTEMPTS = 50


def is_free(port: int) -> bool:
    """Whether nothing answers on `port` and a server could bind it.

    Raises:
        LocalStackError: the machine has no loopback address of IPv4.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Servers set this too: without it a port stays "taken" for a minute after the last stop.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise LocalStackError(
                    f"this machine has no address {LOOPBACK}",
                    "give it one (`ip address add 127.0.0.1/8 dev lo`); the services use IPv4 only",
                ) from error
            return False
    return True


def pick(usual: int, avoid: frozenset[int] = frozenset()) -> int:
    """The first free port from `usual` on that is not in `avoid`.

    Raises:
        LocalStackError: none of the next ports is free, or the machine has no loopback address of IPv4.
    """
    for port in range(usual, usual + ATTEMPTS):
        if port not in avoid and is_free(port):
            return port
    raise LocalStackError(
        f"none of the ports {usual} to {usual + ATTEMPTS - 1} is free on {LOOPBACK}", "free one of them"
    )
