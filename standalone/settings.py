"""The settings of the local stack: the paths of its files, its sources, DAGs and ratings."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from city_indicators.catalog import Source, load_sources
from city_indicators.core.paths import CATALOG, PROJECT, rating_ids

LOOPBACK = "127.0.0.1"
UI_PORT = 8080
MOCK_SERVER_PORT = 8090
POSTGRES_URL_VARIABLE = "CITY_INDICATORS_POSTGRES_URL"
REPORT_DAGS = ("refresh_reports", "build_data_docs")
"""DAGs that a load starts: the demo waits for them after the ingestion."""


CLOSED = 0o700
"""The mode of folders that only their owner may enter."""
UMASK = 0o077
"""Takes the rights of all others from what a process creates."""


@dataclass(frozen=True)
class Settings:
    """The paths of one local stack. It writes only below `home`."""

    home: Path = PROJECT / ".local"
    dags: Path = PROJECT / "dags"
    plugins: Path = PROJECT / "plugins"
    catalog: Path = CATALOG

    @property
    def pgdata(self) -> Path:
        """Data folder of the embedded PostgreSQL."""
        return self.home / "pgdata"

    @property
    def airflow_home(self) -> Path:
        """AIRFLOW_HOME of every service."""
        return self.home / "airflow"

    @property
    def archive(self) -> Path:
        """The archive of everything fetched from the sources, as received."""
        return self.home / "archive"

    @property
    def inbox(self) -> Path:
        """The folder for files that people submit."""
        return self.home / "inbox"

    @property
    def data_docs(self) -> Path:
        """The pages of Great Expectations that the UI shows."""
        return self.home / "data_docs"

    @property
    def logs(self) -> Path:
        """One log per service, and the task logs in `tasks`."""
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        """Generated keys and passwords, readable by their owner only."""
        return self.home / "secrets"

    @property
    def state(self) -> Path:
        """The processes of the running stack."""
        return self.home / "state.json"

    @property
    def lock(self) -> Path:
        """The lock file of the runner, locked while it runs."""
        return self.home / "runner.lock"

    def log_of(self, service: str) -> Path:
        """Path of the log that `service` writes."""
        return self.logs / f"{service}.log"

    def make_folders(self) -> None:
        """Create every folder that the services expect, closed to other users."""
        for folder in (self.home, self.secrets, self.airflow_home, self.archive, self.logs):
            folder.mkdir(mode=CLOSED, exist_ok=True)
        # `make venv` or an older release may have created it readable for all. As root, PostgreSQL's own
        # user passes through it.
        self.home.chmod(self.home.stat().st_mode & (0o710 if os.geteuid() == 0 else CLOSED))
        for entry in self.home.iterdir():
            _close(entry)

    def sources(self) -> list[Source]:
        """The sources of the catalogue that we request data from, ordered by id."""
        return [source for source in load_sources(self.catalog).values() if not source.is_submission]

    def shared_dags(self) -> list[str]:
        """Ids of the DAGs of no single source: each has its own file; `ingest.py` has the others."""
        return sorted(file.stem for file in self.dags.glob("*.py") if file.stem != "ingest")

    def ratings(self) -> list[str]:
        """Ids of the ratings in the catalogue."""
        return rating_ids(self.catalog)


def _close(path: Path) -> None:
    """Take the rights of all others from a path and everything below it, unless it is closed already."""
    if path.is_symlink() or not path.stat().st_mode & UMASK:
        return
    for below in path.iterdir() if path.is_dir() else ():
        _close(below)
    path.chmod(stat.S_IMODE(path.stat().st_mode) & CLOSED)
