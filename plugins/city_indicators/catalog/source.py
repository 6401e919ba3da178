"""What the catalogue says of a source: where it is, how its data are laid out, what becomes of them."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from city_indicators.catalog.entry import Entry, GeoBasis, Identifier, ObsStatus
from city_indicators.catalog.expected import Expected
from city_indicators.catalog.schedule import CONTINUOUS, check_schedule


class Share(Entry):
    """A percentage computed within one row of a source: sum of `of` over sum of `in_`, × 100."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    of: list[str] = Field(min_length=1)
    in_: list[str] = Field(min_length=1, alias="in")

    @model_validator(mode="after")
    def _part_of_whole(self) -> Self:
        if missing := [column for column in self.of if column not in self.in_]:
            raise ValueError(f"{missing} stand in `of` but not in `in`")
        return self


class Series(Entry):
    """One series of a source and the indicator it becomes.

    `published_unit`, in the language of pint, is what the source measures in, where that is not
    `unit`. `column` or `share` pick observations from a table; the names are the beginnings of the
    source's column titles. `where` takes only rows with one of these texts in a column, `unless`
    leaves out those with one in every column it names, `period`
    is the year of a column that holds one year, `combine: sum` adds the rows of one place and year;
    with `complete`, a sum is unknown unless each of these texts stands in the column of some row.
    `per` is the column of the same row that `column` is divided by, `codes` the number that stands
    for each text of a series of words.
    `statistic` is the annual index (sources/climate_indices.py) of a source of daily or hourly observations.
    """

    code: str
    indicator: str
    geo_basis: GeoBasis
    unit: str | None = None
    unit_by_title: dict[str, str] | None = None
    published_unit: str | None = None
    obs_status: Literal["A", "E", "F"] = "A"
    column: str | None = None
    share: Share | None = None
    where: dict[str, list[str]] = Field(default_factory=dict)
    unless: dict[str, list[str]] = Field(default_factory=dict)
    period: int | None = None
    combine: Literal["sum"] | None = None
    complete: dict[str, list[str]] = Field(default_factory=dict)
    per: str | None = None
    codes: dict[str, float] | None = None
    statistic: Identifier | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if (self.unit is None) == (self.unit_by_title is None):
            raise ValueError("give either `unit` or `unit_by_title`")
        return self

    @model_validator(mode="after")
    def _complete_is_of_a_sum(self) -> Self:
        if self.complete and self.combine is None:
            raise ValueError("`complete` is of a sum: give `combine: sum` too")
        return self

    @property
    def units(self) -> set[str]:
        """The units that values of this series may carry."""
        return {self.unit} if self.unit else set((self.unit_by_title or {}).values())


class Paging(Entry):
    """The names of the parameters that ask for a page of `size` rows.

    `offset` counts the rows before the page, `page` the pages from 1 on. `size` must not be more
    than the publisher sends at once: a page that is shorter is taken for the last.
    """

    limit: str
    offset: str | None = None
    page: str | None = None
    size: int = Field(ge=1)

    @model_validator(mode="after")
    def _one_count(self) -> Self:
        if (self.offset is None) == (self.page is None):
            raise ValueError("give either `offset` or `page`")
        return self


class Layout(Entry):
    """How a published table is laid out: which columns name place and period, where it begins.

    `place` holds the city's name (with `country` beside it) or its code; a table of one place has no
    such column, and `areas` of its source names the place. `period` is a column or the table's year.
    Rows from the one whose first cell is `footnotes_from` on are notes. `where` takes only rows with
    one of these texts in a column. `other_country` gives, by country as the table writes it, names of
    places that we count to another country, with its code. `obs_status` is a column of codes of the
    SDMX list CL_OBS_STATUS, or of those that `statuses` translates; an empty one is the series' own.
    `delimiter` stands between the fields of CSV.
    `empty` are texts that stand for an empty cell, `query` the fixed parameters of each request.
    In JSON, the rows are the objects of the array at `records` (keys joined by dots; empty: the
    whole answer), their cells lie under the key `row`, and `paging` tells how to ask for the next.
    """

    kind: Literal["csv", "workbook", "json"]
    encoding: str = "utf-8-sig"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    sheet: str | None = None
    header_row: int = Field(default=1, ge=1)
    country: str | None = None
    place: str = ""
    period: str | int | None = None
    footnotes_from: str | None = None
    where: dict[str, list[str]] = Field(default_factory=dict)
    other_country: dict[str, dict[str, str]] = Field(default_factory=dict)
    obs_status: str | None = None
    statuses: dict[str, ObsStatus] = Field(default_factory=dict)
    empty: tuple[str, ...] = ()
    query: dict[str, str] = Field(default_factory=dict)
    records: str = ""
    row: str | None = None
    paging: Paging | None = None

    @model_validator(mode="after")
    def _pages_are_json(self) -> Self:
        if self.kind != "json" and (self.records or self.row or self.paging):
            raise ValueError("`records`, `row` and `paging` are of `kind: json`")
        return self


class Limits(Entry):
    """How many requests a source bears, as it publishes or as is polite."""

    per_second: float | None = Field(default=None, gt=0)
    per_minute: float | None = Field(default=None, gt=0)


class ApiKey(Entry):
    """Where a service wants the key that its Airflow connection holds as the password."""

    header: str | None = None
    param: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.header is None) == (self.param is None):
            raise ValueError("give either `header` or `param`")
        return self


class Revision(Entry):
    """Where a source tells cheaply which revision of its data it serves.

    The headers of each of `paths` (by default the source's own) are asked for: `header`, else the ETag,
    else Last-Modified. With `field`, the answer itself is asked for, and the revision is the value at
    that JSON pointer.
    """

    paths: tuple[str, ...] = ()
    header: str | None = None
    field: str | None = None


class Quota(Entry):
    """What a metered service counts: at most so many `calls` within so many minutes.

    `account` is what the service counts by: sources that share it share the calls.
    """

    account: Identifier
    calls: dict[int, int] = Field(min_length=1)


class Source(Entry):
    """A publisher's service or file. `format` names the module of `sources/` that reads it.

    `schedule` is a cron expression in UTC whose ticks bound the data intervals; in each a year begins.
    `trailing_years` is how far back a scheduled run also looks for revisions, `leading_years` how far on for
    projections.
    A source names places by codes of its own (`areas`: code to ref_area), by country and name (`places`
    gives, by country, the names that differ from ours; `layout.country` says so), by the coordinates it is
    asked for (`points`: those beside the cities' own, "latitude,longitude" to ref_area), or by ISO 3166-1
    alpha-3.
    A source that people send is `base_url: inbox:<folder>`: nothing asks for it, its files speak only of
    what they name, of cities by their ref_area, and `unit_names` gives what their authors call units, in
    the language of pint. Where several sources have an observation, a lower `precedence` goes first.
    `datasets` gives the publisher's id of the dataset of each year, where every year has its own.
    A source with a `key` is skipped for as long as its connection holds none. One without a `revision`
    is asked for everything, and loaded only if the bytes differ from those of the last load.
    `expected` says of every source that is asked what is overdue; it decides nothing of how its bytes are read.
    A run of projections owns the year `ahead_years` after its own, because no run can be of a year to come.
    """

    id: Identifier
    name: str
    publisher: str
    format: Identifier
    connection: Identifier
    base_url: Annotated[str, Field(pattern=r"^(https://[^/]+|inbox:[a-z]+)$")]
    path: str | None = None
    licence: str
    licence_url: str
    attribution: str
    schedule: str
    first_period: int
    trailing_years: int = Field(ge=0)
    leading_years: int = Field(default=0, ge=0)
    ahead_years: int = Field(default=0, ge=0)
    max_parallel_requests: int = Field(ge=1)
    limits: Limits = Limits()
    quota: Quota | None = None
    key: ApiKey | None = None
    revision: Revision | None = None
    expected: Expected | None = None
    last_estimated_period: int | None = None
    series: list[Series] = Field(min_length=1)
    areas: dict[str, str] | None = None
    points: dict[str, str] | None = None
    places: dict[str, dict[str, str]] = Field(default_factory=dict)
    layout: Layout | None = None
    datasets: dict[int, str] = Field(default_factory=dict)
    unit_names: dict[str, str] = Field(default_factory=dict)
    precedence: int = Field(default=100, ge=0)

    @field_validator("schedule")
    @classmethod
    def _owns_years(cls, schedule: str, others: ValidationInfo) -> str:
        if not others.data.get("base_url", "").startswith("inbox:"):
            check_schedule(schedule)
        elif schedule != CONTINUOUS:
            raise ValueError(
                f"is {CONTINUOUS!r} for a source of the inbox, whose files are taken in as they come"
            )
        return schedule

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.layout and not self.layout.place and len(self.areas or ()) != 1:
            raise ValueError("a layout without `place` is of one place: name it alone in `areas`")
        return self

    @property
    def licence_link(self) -> str:
        """The licence in Markdown, linked to its text if that is of the source and not of each observation."""
        return f"[{self.licence}]({self.licence_url})" if self.licence_url else self.licence

    @property
    def dropped(self) -> bool:
        """Whether people drop its files into a folder of the inbox, so that nothing asks for them."""
        return self.base_url.startswith("inbox:")

    @property
    def table_layout(self) -> Layout:
        """The layout of a source of tables.

        Raises:
            ValueError: the source declares none.
        """
        if self.layout is None:
            raise ValueError(f"source {self.id}: the format {self.format} needs a layout")
        return self.layout

    @property
    def by_name(self) -> bool:
        """Whether the source names places by country and name."""
        return self.layout is not None and self.layout.country is not None

    @property
    def first_run(self) -> int:
        """The year of the run that owns the first period."""
        return self.first_period - self.ahead_years

    def ends_before(self, year: int) -> bool:
        """Whether no projection reaches so far."""
        last = self.expected.last_period if self.expected else None
        return self.ahead_years > 0 and last is not None and last < year

    @property
    def dag_id(self) -> str:
        """The DAG that ingests this source."""
        return f"ingest_{self.id}"

    @property
    def host(self) -> str:
        """The publisher's server, which may serve several sources."""
        return self.base_url.removeprefix("https://")

    @property
    def pool(self) -> str:
        """The Airflow pool that bounds parallel requests to the source's host."""
        return f"host_{self.host}"
