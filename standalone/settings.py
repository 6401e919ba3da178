"""Where the local stack keeps its files, and which sources it knows."""

import os
from dataclasses import dataclass
from pathlib import Path

from city_indicators.catalog import Source, load_sources
from city_indicators.core.paths import CATALOG, PROJECT

LOOPBACK = "127.0.0.1"
UI_PORT = 8080
MOCK_SERVER_PORT = 8090
POSTGRES_URL_VARIABLE = "CITY_INDICATORS_POSTGRES_URL"
REPORT_DAGS = ("refresh_reports", "build_data_docs")
"""DAGs that a load starts: the work that is to be waited for after the ingestions."""


@dataclass(frozen=True)
class Settings:
    """Every path of one local stack. All that it writes lies under `home`."""

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
        """Everything fetched from the sources, as fetched."""
        return self.home / "archive"

    @property
    def inbox(self) -> Path:
        """Where people drop files."""
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
        """Held by the runner for as long as it lives."""
        return self.home / "runner.lock"

    def log_of(self, service: str) -> Path:
        """Path of the log that `service` writes."""
        return self.logs / f"{service}.log"

    def make_folders(self) -> None:
        """Make every folder that the services expect to find."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        # `make venv` may have made it before, open to all. Where root runs us, PostgreSQL's own user passes.
        self.home.chmod(self.home.stat().st_mode & (0o711 if os.geteuid() == 0 else 0o700))
        self.secrets.mkdir(mode=0o700, exist_ok=True)
        for folder in (self.airflow_home, self.archive, self.logs):
            folder.mkdir(exist_ok=True)

    def sources(self) -> list[Source]:
        """The sources of the catalogue that are asked, in the order of their ids."""
        return [source for source in load_sources(self.catalog).values() if not source.is_submission]

    def shared_dags(self) -> list[str]:
        """Ids of the DAGs of no single source: each has a file of its name; `ingest.py` has the rest."""
        return sorted(file.stem for file in self.dags.glob("*.py") if file.stem != "ingest")

    def ratings(self) -> list[str]:
        """Ids of the ratings in the catalogue."""
        return sorted(file.stem for file in (self.catalog / "ratings").glob("*.yaml"))
