"""Opens a shell in which the command `airflow` uses the running stack."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from standalone import postgres, services
from standalone.credentials import Credentials
from standalone.errors import NotRunningError
from standalone.services import Ports
from standalone.settings import UMASK, Settings
from standalone.stack import State


def open_shell(settings: Settings) -> None:
    """Replace this process with the user's shell, in the environment of the running services.

    Raises:
        NotRunningError: no stack of this checkout runs.
    """
    environment = environment_of_running(settings)
    # Airflow's commands write below .local.
    os.umask(UMASK)
    shell = os.environ.get("SHELL", "/bin/sh")
    os.execve(shell, [shell], environment)  # noqa: S606


def environment_of_running(settings: Settings) -> dict[str, str]:
    """The services' environment, with the project's own commands first on the path.

    Raises:
        NotRunningError: no stack of this checkout runs.
    """
    server = postgres.find(settings)
    state = State.read(settings.state)
    if state is None or not state.ui:
        raise NotRunningError("the UI of this checkout is not up", "start it with `make demo`, and wait")
    ports = Ports(urlsplit(state.ui).port or 0, urlsplit(state.mock_server).port)
    environment = services.environment(settings, server, Credentials.load_or_make(settings.secrets), ports)
    path = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    return {**environment, "PATH": path}
