"""Free TCP ports on the loopback address."""

import socket

from standalone.errors import LocalStackError
from standalone.settings import LOOPBACK

ATTEMPTS = 50


def is_free(port: int) -> bool:
    """Whether nothing answers on `port` and a server could bind it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Servers set this too: without it a port stays "taken" for a minute after the last stop.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def pick(usual: int, avoid: frozenset[int] = frozenset()) -> int:
    """The first free port from `usual` on that is not in `avoid`.

    Raises:
        LocalStackError: none of the next ports is free.
    """
    for port in range(usual, usual + ATTEMPTS):
        if port not in avoid and is_free(port):
            return port
    raise LocalStackError(
        f"none of the ports {usual} to {usual + ATTEMPTS - 1} is free on {LOOPBACK}", "free one of them"
    )
