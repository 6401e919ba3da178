"""Runs `make demo`, `make demo-once` and `make start`: from an empty folder to a rating."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console

from city_indicators.catalog import Source
from city_indicators.catalog.pools import pools
from city_indicators.orchestration.rest import AirflowApi
from demo.paths import SAMPLE
from standalone import databases, ports, postgres, services
from standalone.credentials import PEOPLE, Credentials
from standalone.errors import LocalStackError, RunsFailedError
from standalone.loading import Loading
from standalone.postgres import Server
from standalone.rating import show
from standalone.report import write as write_report
from standalone.services import Ports
from standalone.settings import MOCK_SERVER_PORT, REPORT_DAGS, UI_PORT, Settings
from standalone.stack import Interrupted, Stack

DAGS_SECONDS = 180.0
BEST_PRACTICES = {
    "guangzhou_award.csv": "best_practices.csv",
    "metro_openings.csv": "metro_openings.csv",
    "world_bank_projects.csv": "world_bank_projects.csv",
}
"""Files of best practices: the name in the inbox, and the name in the sample."""


@dataclass(frozen=True)
class Mode:
    """The mode of a run: with the offline sample or the live sources, staying up or ending by itself."""

    sample: bool
    stay: bool


def run(settings: Settings, mode: Mode, console: Console) -> int:
    """Run the stack in a mode. Returns the exit code: 0, or 128 + signal if interrupted too early.

    Raises:
        LocalStackError: a service or a run failed, or the report is empty.
    """
    ready = False
    try:
        with Stack(settings) as stack:
            _run(stack, mode, console)
            ready = True
            if mode.stay:
                stack.watch()
    except Interrupted as interrupt:
        console.print("Stopped. All data stay in .local; the same command continues from there.")
        return 0 if ready else interrupt.exit_code
    return 0


def _run(stack: Stack, mode: Mode, console: Console) -> None:
    settings = stack.settings
    credentials = Credentials.load_or_make(settings.secrets)
    begun = time.monotonic()
    with _step(console, "PostgreSQL"):
        server = postgres.start(stack)
    with _step(console, "Databases, schema, catalogue"):
        databases.create(server)
        chosen = _pick_ports(mode)
        env = services.environment(settings, server, credentials, chosen)
        databases.migrate(server, settings, env)
    if mode.sample:
        submit_sample_best_practices(settings)
        with _step(console, "Mock sources"):
            services.start_mock_server(stack, env, chosen)
        stack.show_mock_server(chosen.mock_server_url)
    api = AirflowApi(chosen.ui_url, "admin", credentials.passwords["admin"])
    with _step(console, "Airflow"):
        since = datetime.now(UTC)
        services.start_airflow(stack, env, chosen)
        services.wait_until_up(stack, api)
    stack.show_ui(chosen.ui_url)
    api.sign_in()
    sources = _sources(settings, mode)
    # While the sample is loaded, nobody needs a report after each load: Loading makes one of all.
    later = REPORT_DAGS if mode.sample else ()
    with _step(console, "DAGs and pools"):
        _prepare_dags(stack, api, sources, since, later)
    console.print(f"UI up after {time.monotonic() - begun:.0f} s: {chosen.ui_url}")
    if mode.sample:
        _load(stack, api, server, sources, console, stay=mode.stay)
    if mode.stay:
        _show_access(console, chosen, credentials)


def _sources(settings: Settings, mode: Mode) -> list[Source]:
    """The sources to run: with the sample, only those of the mock server; the others stay paused."""
    if not mode.sample:
        return settings.sources()
    from demo.mock_sources.app import serves

    return [source for source in settings.sources() if serves(source)]


def submit_sample_best_practices(settings: Settings) -> None:
    """Copy the sample's best practices to the inbox, unless a file of the same name exists."""
    folder = settings.inbox / "best_practices"
    folder.mkdir(parents=True, exist_ok=True)
    for name, sample in BEST_PRACTICES.items():
        with suppress(FileExistsError), (folder / name).open("xb") as submitted:
            submitted.write((SAMPLE / sample).read_bytes())


def _load(
    stack: Stack,
    api: AirflowApi,
    server: Server,
    sources: list[Source],
    console: Console,
    *,
    stay: bool,
) -> None:
    """Load the sample and show the rating.

    Raises:
        RunsFailedError: a run failed, or a gate refused a load and the stack does not stay up for an answer.
    """
    loading = Loading(stack, api, server, sources, console)
    loading.begin()
    loading.wait()
    show(server, stack.settings.ratings(), console)
    with _step(console, "Report of the latest year, a draft"):
        write_report(server, stack.settings.home / "reports")
    if failed := loading.failed_of_others():
        console.print("Failed runs that the demo did not start (it does not retry them):", style="yellow")
        console.print(failed, markup=False, soft_wrap=True)
    if refused := loading.refused():
        fault = f"The gate refused loads, whose runs wait for a steward's answer:\n{refused}"
        if not stay:
            raise RunsFailedError(fault, "run `make demo` and answer under Browse → Required Actions")
        console.print(f"[yellow]{fault}[/]\nAnswer under Browse → Required Actions.")


def _pick_ports(mode: Mode) -> Ports:
    ui = ports.pick(UI_PORT)
    return Ports(ui, ports.pick(MOCK_SERVER_PORT, frozenset({ui})) if mode.sample else None)


def _prepare_dags(
    stack: Stack, api: AirflowApi, sources: list[Source], since: datetime, later: Collection[str]
) -> None:
    """Wait until Airflow has parsed every DAG, create the pools, and unpause the DAGs, except for `later`.

    Raises:
        LocalStackError: a DAG file does not import, or a DAG is missing.
    """
    expected = {source.dag_id for source in sources} | set(stack.settings.shared_dags())
    deadline = time.monotonic() + DAGS_SECONDS
    while missing := expected - api.parsed_dags(since):
        stack.check()
        if errors := api.import_errors(since):
            shown = "\n".join(f"{file}:\n{trace}" for file, trace in errors.items())
            raise LocalStackError(f"DAG files do not import:\n{shown}", "correct them, then start again")
        if time.monotonic() > deadline:
            raise LocalStackError(
                f"Airflow found no DAG named {', '.join(sorted(missing))} in {stack.settings.dags}",
                f"read {stack.settings.log_of('dag-processor')}",
            )
        time.sleep(0.5)
    for pool, slots in pools(stack.settings.sources()).items():
        api.ensure_pool(pool, slots, "Parallel requests to one host")
    for dag_id in sorted(expected.difference(later)):
        api.unpause(dag_id)


def _show_access(console: Console, chosen: Ports, credentials: Credentials) -> None:
    console.print(f"\nOpen {chosen.ui_url} and sign in, as administrator or as viewer:")
    for user in PEOPLE:
        password = credentials.passwords[user]
        console.print(f"  {user:<7} {password}", highlight=False)
    console.print("SQL as a researcher: `make psql`. Ctrl-C here (or `make stop`) stops everything.")


@contextmanager
def _step(console: Console, name: str) -> Iterator[None]:
    begun = time.monotonic()
    with console.status(f"{name} …"):
        yield
    console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - begun:.1f} s[/]")
