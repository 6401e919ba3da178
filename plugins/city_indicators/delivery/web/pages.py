"""Finds the pages of the UI: every module of this package that has a function `router` is one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from sqlalchemy import URL, Engine

from city_indicators.core.archive import Archive
from city_indicators.ingest.validation.data_docs_site import Site
from city_indicators.warehouse.database import pooled


@dataclass(frozen=True)
class Proposal:
    """An edition that waits for approval: the form of its run, with the year if it was chosen."""

    rating: str
    title: str
    year: int | None
    dag_id: str
    run_id: str


@dataclass(frozen=True)
class Scheduler:
    """What only Airflow knows: the ids of paused DAGs, and the editions that wait for approval."""

    paused: frozenset[str] = frozenset()
    proposals: tuple[Proposal, ...] = ()


@dataclass(frozen=True)
class Services:
    """The services that pages use.

    `require_operator` is the dependency of routes that viewers must not use. The others are
    functions, so that each request uses the current address and state.
    """

    warehouse_url: Callable[[], URL]
    data_docs: Callable[[], Site]
    archive: Callable[[], Archive]
    require_operator: Callable[..., Any]
    scheduler: Callable[[], Scheduler]

    def warehouse(self) -> Engine:
        """The warehouse, by connections that requests share."""
        return pooled(self.warehouse_url())


@dataclass(frozen=True)
class NavigationEntry:
    """An entry in the menu of the pages, the constant `NAVIGATION` of a page; the name is a `message`.

    `path` is the page's route without the first slash, `url_route` the path that Airflow's UI shows; a page
    without one is only in the menu.
    """

    position: int
    name: str
    path: str
    url_route: str | None = None
    category: str | None = None

    def external_view(self, prefix: str) -> dict[str, Any]:
        """The entry as an Airflow plugin declares it, of an app below `prefix`."""
        view = {
            "name": self.name,
            "href": f"{prefix.removeprefix('/')}/{self.path}",
            "url_route": self.url_route,
            "destination": "nav",
        }
        return view | {"category": self.category} if self.category else view


@cache
def modules() -> tuple[Any, ...]:
    """The modules of this package."""
    found = iter_modules([str(Path(__file__).parent)])
    return tuple(import_module(f"{__package__}.{each.name}") for each in found)


def pages() -> Iterator[Any]:
    """The modules of all pages: each has `router(services)`, and `NAVIGATION` if it is in the menu."""
    return (module for module in modules() if hasattr(module, "router"))


@cache
def navigation() -> tuple[NavigationEntry, ...]:
    """The entries of all pages in their order."""
    entries = (page.NAVIGATION for page in pages() if hasattr(page, "NAVIGATION"))
    return tuple(sorted(entries, key=lambda entry: entry.position))
