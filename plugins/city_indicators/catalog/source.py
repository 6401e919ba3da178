"""The declaration of a source: its address, the layout of its data, and its series."""

from typing import Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from city_indicators.catalog.entry import Entry, GeoBasis, Identifier, ObsStatus
from city_indicators.catalog.expected import Expected
from city_indicators.catalog.schedule import CONTINUOUS, check_schedule

YEAR_IN_TITLE: Final = "{year}"


def ingest_dag(source: str) -> str:
    """The id of the DAG that ingests a source."""
    return f"ingest_{source}"


class Share(Entry):
    """A percentage computed within one row of a source: sum of `of` over sum of `in_`, × 100."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    of: list[str] = Field(min_length=1)
    in_: list[str] = Field(min_length=1, alias="in")

    @model_validator(mode="after")
    def _parts_of_total(self) -> Self:
        if missing := [column for column in self.of if column not in self.in_]:
            raise ValueError(f"{missing} are in `of` but not in `in`")
        return self


class Absent(Entry):
    """The places that a list does not name although it is complete by its own statement: they have none.

    - `places`: our cities, each looked up in the list by a person; one that is listed later has its value.
    - `statement`: the sentence by which the list is complete, with the address of its page.
    """

    places: tuple[str, ...] = Field(min_length=1)
    statement: str
    url: Annotated[str, Field(pattern=r"^https://")]


Combine = Literal["sum", "mean", "min", "max", "count"]
OF_DAYS: Final = {"nasa_power", "open_meteo_air", "open_meteo_archive", "open_meteo_climate", "openaq_v3"}
"""The formats of daily or hourly data, of which a series takes a statistic of the year."""
OF_TABLES: Final = {"combine", "complete"}
"""The keys of a series that only tables know."""


class Series(Entry):
    """One series of a source and the indicator it becomes.

    - `titles`: the titles that the publisher has given the series, complete: any other one is refused.
    - `unit_text`: the unit as the publisher writes it beside the values: any other one is refused.
    - `published_unit`: the unit of the source in the notation of pint, where it differs from `unit`.
    - `column` or `share`: the values in a table, by the complete titles of the columns.
    - `where` takes only rows with one of these texts in a column; `unless` leaves out rows with one of these
      texts in every column it names.
    - `period`: the year of a column that holds one year.
    - `years`: where `column` has `{year}` in its title, every column with a year in its place is read; those
      of these years must be there.
    - `combine` joins the rows of one place and year: their sum, mean, min, max, or count, the number of rows
      with a value. With `complete`, the result is unknown unless some row has each of these texts in the
      column.
    - `decimal`: the decimal sign of numbers that are written as text; with a comma, points and spaces
      separate thousands.
    - `per`: the column of the same row that `column` is divided by.
    - `codes`: the number for each text of a series of words.
    - `absent`: the places whose value is zero because a complete list does not name them.
    - `statistic`: the annual index (sources/climate_indices.py) of a source of daily or hourly data.
    """

    code: str
    indicator: str
    geo_basis: GeoBasis
    unit: str | None = None
    unit_by_title: dict[str, str] | None = None
    titles: tuple[str, ...] = ()
    unit_text: str | None = None
    published_unit: str | None = None
    obs_status: Literal["A", "E", "F"] = "A"
    column: str | None = None
    share: Share | None = None
    where: dict[str, list[str]] = Field(default_factory=dict)
    unless: dict[str, list[str]] = Field(default_factory=dict)
    period: int | None = None
    years: tuple[int, ...] = ()
    combine: Combine | None = None
    decimal: Literal[".", ","] = "."
    complete: dict[str, list[str]] = Field(default_factory=dict)
    per: str | None = None
    codes: dict[str, float] | None = None
    absent: Absent | None = None
    statistic: Identifier | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if (self.unit is None) == (self.unit_by_title is None):
            raise ValueError("give either `unit` or `unit_by_title`")
        return self

    @model_validator(mode="after")
    def _complete_is_of_joined_rows(self) -> Self:
        if self.complete and self.combine is None:
            raise ValueError("`complete` needs rows that are joined: give `combine` too")
        return self

    @model_validator(mode="after")
    def _years_have_columns(self) -> Self:
        if bool(self.years) != (YEAR_IN_TITLE in (self.column or "")):
            raise ValueError(f"give `years` for a `column` with {YEAR_IN_TITLE}, and for no other")
        if self.years and self.period is not None:
            raise ValueError("give either `years` or `period`")
        return self

    def column_of(self, year: int) -> str:
        """The title of the column, or of that of a year."""
        return (self.column or "").replace(YEAR_IN_TITLE, str(year))

    @property
    def units(self) -> set[str]:
        """The units that values of this series may have."""
        return {self.unit} if self.unit else set((self.unit_by_title or {}).values())


class Paging(Entry):
    """The names of the request parameters for a page of `size` rows.

    `offset` counts the rows before the page, `page` the pages from 1 on. `size` must not be more
    than the publisher sends at once, because a shorter page is taken for the last.
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
    """The layout of a published table: which columns name place and period, where it begins.

    - `place`: the column of the city's name (with `country` beside it) or its code. A table of one place has
      no such column; `areas` of its source names the place.
    - `period`: a column, or the year of the table. `period_format`: how a column of dates writes them, in the
      notation of strptime, for example "%d.%m.%Y"; the year is taken.
    - `unit`: the column of the unit of each row, which must be `unit_text` of the series.
    - `footnotes_from`: the first cell of the row from which on all rows are notes.
    - `where` takes only rows with one of these texts in a column.
    - `other_country`: by country as the table writes it, names of places that we assign to another country,
      with its code.
    - `obs_status`: a column of codes of the SDMX list CL_OBS_STATUS, or of codes that `statuses` translates;
      an empty cell has the status of the series.
    - `delimiter` separates the fields of CSV.
    - `empty`: texts that mean an empty cell.
    - `query`: the fixed parameters of each request.
    - In JSON, the rows are the objects of the array at `records` (keys joined by dots; empty: the complete
      answer), their cells are under the key `row`, and `paging` declares how to request the next page.
    """

    kind: Literal["csv", "workbook", "json"]
    encoding: str = "utf-8-sig"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    sheet: str | None = None
    header_row: int = Field(default=1, ge=1)
    country: str | None = None
    place: str = ""
    period: str | int | None = None
    period_format: str | None = None
    unit: str | None = None
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
            raise ValueError("`records`, `row` and `paging` need `kind: json`")
        return self

    @model_validator(mode="after")
    def _dates_are_in_a_column(self) -> Self:
        if self.period_format and not isinstance(self.period, str):
            raise ValueError("`period_format` needs the column of the dates as `period`")
        return self


class Limits(Entry):
    """Rate limits of a source: as it publishes them, or what is polite."""

    per_second: float | None = Field(default=None, gt=0)
    per_minute: float | None = Field(default=None, gt=0)


class ApiKey(Entry):
    """The request header or parameter for the API key, which is the password of the Airflow connection."""

    header: str | None = None
    param: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.header is None) == (self.param is None):
            raise ValueError("give either `header` or `param`")
        return self


class Revision(Entry):
    """Where to read the revision of a source's data with a small request.

    A HEAD request to each of `paths` (by default the source's own) reads `header`, else the ETag, else
    Last-Modified. With `field`, a GET request reads the value at that JSON pointer.
    """

    paths: tuple[str, ...] = ()
    header: str | None = None
    field: str | None = None


class Quota(Entry):
    """The quota of a metered service: by number of minutes, the most `calls` within them.

    The service counts calls by `account`: sources with the same account share the calls.
    """

    account: Identifier
    calls: dict[int, int] = Field(min_length=1)


class Source(Entry):
    """A publisher's service or file. `format` names the module of `sources/` that reads it.

    - `schedule`: a cron expression in UTC whose ticks bound the data intervals; a year begins in each.
    - `trailing_years`: how far back a scheduled run also looks for revisions; `leading_years`: how far ahead
      for projections.
    - `ahead_years`: a run of projections loads the year this many years after its own, because no run can
      have a data interval in the future.
    - Places are named by codes of the source (`areas`: code to ref_area), by country and name
      (`layout.country`; `places` lists, by country, the names that differ from ours), by the coordinates of
      the request (`points`: those besides the cities' own, "latitude,longitude" to ref_area), or by
      ISO 3166-1 alpha-3.
    - `people`: by ref_area, how many people the city's agglomeration has, to recognise the areas of a source
      that are another place than the city.
    - `area_names`: what the publisher writes beside the code of a place, such as its name. Another name at
      that code is refused, and so is this name at another code.
    - `base_url: inbox:<folder>`: people submit the files, and nothing is requested. A file covers only the
      observations that it names, and names cities by their ref_area. `unit_names` maps the unit names of its
      authors to the notation of pint.
    - `precedence`: where several sources have the same observation, the lower is preferred.
    - `datasets`: the publisher's id of the dataset of each year, where every year has its own.
    - `key`: a source with one is skipped as long as its connection has none.
    - `redirect_hosts`: the servers besides its own to which its answers may redirect, by https.
    - `revision`: a source without one is requested completely, and loaded only if the bytes differ from
      those of the last load.
    - `expected`: when the data of a source that we request are overdue; it has no effect on reading.
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
    redirect_hosts: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]+$")], ...] = ()
    revision: Revision | None = None
    expected: Expected | None = None
    last_estimated_period: int | None = None
    series: list[Series] = Field(min_length=1)
    areas: dict[str, str] | None = None
    points: dict[str, str] | None = None
    places: dict[str, dict[str, str]] = Field(default_factory=dict)
    area_names: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    people: dict[str, int] = Field(default_factory=dict)
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
                f"must be {CONTINUOUS!r} for a source of the inbox, whose files are loaded as they arrive"
            )
        return schedule

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.layout and not self.layout.place and len(self.areas or ()) != 1:
            raise ValueError("a layout without `place` covers one place: name only that place in `areas`")
        return self

    @model_validator(mode="after")
    def _nothing_is_ignored(self) -> Self:
        for number, series in enumerate(self.series):
            for key in series.model_fields_set & OF_TABLES:
                if self.format != "table":
                    raise ValueError(f"series.{number}.{key}: would be ignored by the format {self.format}")
            if (series.statistic is not None) != (self.format in OF_DAYS):
                fault = "is needed" if self.format in OF_DAYS else "would be ignored"
                raise ValueError(f"series.{number}.statistic: {fault} by the format {self.format}")
        return self

    @property
    def licence_link(self) -> str:
        """The licence in Markdown, linked to its text unless each observation has its own licence."""
        return f"[{self.licence}]({self.licence_url})" if self.licence_url else self.licence

    @property
    def is_submission(self) -> bool:
        """Whether people submit its files to a folder of the inbox, so that nothing is requested."""
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
        """The year of the run that loads the first period."""
        return self.first_period - self.ahead_years

    def ends_before(self, year: int) -> bool:
        """Whether the projections of the source end before a year."""
        last = self.expected.last_period if self.expected else None
        return self.ahead_years > 0 and last is not None and last < year

    @property
    def dag_id(self) -> str:
        """The DAG that ingests this source."""
        return ingest_dag(self.id)

    @property
    def host(self) -> str:
        """The publisher's server, which may serve several sources."""
        return self.base_url.removeprefix("https://")

    @property
    def pool(self) -> str:
        """The Airflow pool that bounds parallel requests to the source's host."""
        return f"host_{self.host}"
