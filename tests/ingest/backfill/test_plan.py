"""Plans of backfills, checked against numbers counted by hand."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

from city_indicators.catalog import load_catalogue
from city_indicators.core.errors import BackfillError
from city_indicators.core.intervals import Interval
from city_indicators.ingest.backfill import report
from city_indicators.ingest.backfill.collect import Collected, Unreadable
from city_indicators.ingest.backfill.plan import ArchivedLoad, Plan, Stored, intervals, plan
from city_indicators.ingest.backfill.requests import count_requests, revision_requests
from city_indicators.ingest.replay import Batch
from city_indicators.sources.connectors import connector_of
from city_indicators.sources.quota import Slot
from city_indicators.sources.records import Paged

CATALOGUE = load_catalogue()
NOW = datetime(2026, 7, 1, tzinfo=UTC)
NOTHING = Stored({}, frozenset())


def year(first: int, last: int | None = None) -> Interval:
    return Interval(date(first, 1, 1), date((last or first) + 1, 1, 1))


def planned(
    source_id: str,
    years: Iterable[int],
    archived: Iterable[ArchivedLoad] = (),
    stored: Stored = NOTHING,
    taken: Iterable[Slot] = (),
    runs_at_once: int = 1,
) -> Plan:
    source = CATALOGUE.sources[source_id]
    requested = [year(each) for each in years]
    return plan(source, CATALOGUE, requested, list(archived), stored, taken, runs_at_once, NOW)


def loaded(
    load_id: int, interval: Interval, load_interval: Interval | None = None, answers: int = 1
) -> ArchivedLoad:
    return ArchivedLoad(
        load_id, interval, load_interval or interval, datetime(2026, 3, 4, tzinfo=UTC), answers
    )


def test_intervals_begin_within_the_given_days_and_are_over() -> None:
    source = CATALOGUE.sources["world_bank"]
    assert intervals(source, date(2019, 1, 1), date(2021, 1, 1), NOW) == [year(2019), year(2020), year(2021)]
    assert intervals(source, date(2019, 1, 2), date(2020, 12, 31), NOW) == [year(2020)]
    # 2026 is not over yet, and an interval is not over at the midnight on which it ends.
    assert intervals(source, date(2024, 6, 1), None, NOW) == [year(2025)]
    assert intervals(source, date(2024, 1, 1), None, datetime(2026, 1, 1, tzinfo=UTC)) == [year(2024)]
    assert intervals(source, None, None, NOW)[0] == year(source.first_period)


def test_a_run_of_projections_loads_a_future_year() -> None:
    source = CATALOGUE.sources["open_meteo_climate"]
    runs = intervals(source, None, None, NOW)
    assert (runs[0], runs[-1]) == (year(2001), year(2025))
    first, last = planned(
        source.id,
        [2001, 2025],
        [loaded(7, year(2026))],
        Stored({2026: 336, 2025: 1}, frozenset({year(2050)})),
    ).runs
    assert (first.interval, first.observations, first.action) == (year(2001), 336, "replay")
    assert (last.interval, last.observations, last.action) == (year(2025), 0, "nothing")
    # 2028 is a leap year.
    assert sum(planned(source.id, [2003]).runs[0].requests.calls) == pytest.approx(48 * 366 / 14)
    assert [source.ends_before(2050), source.ends_before(2051)] == [False, True]
    assert not CATALOGUE.sources["metro_systems"].ends_before(2051)


def test_refuses_days_without_an_interval() -> None:
    with pytest.raises(BackfillError, match=r"world_bank.*begins from 2026-01-01 to today is over"):
        intervals(CATALOGUE.sources["world_bank"], date(2026, 1, 1), None, NOW)


def test_counts_the_requests_that_the_connector_sends() -> None:
    world_bank = count_requests(CATALOGUE.sources["world_bank"], CATALOGUE, year(2019))
    assert len(world_bank.calls) == len(CATALOGUE.sources["world_bank"].series)
    assert world_bank.at_least
    # One request per city.
    assert len(count_requests(CATALOGUE.sources["nasa_power"], CATALOGUE, year(2019)).calls) == 48
    assert not count_requests(CATALOGUE.sources["nasa_power"], CATALOGUE, year(2019)).at_least
    # One request for the monitors around each city; the responses list their sensors.
    openaq = count_requests(CATALOGUE.sources["openaq"], CATALOGUE, year(2019))
    assert (len(openaq.calls), openaq.at_least) == (48, True)
    assert len(count_requests(CATALOGUE.sources["what_a_waste"], CATALOGUE, year(2019)).calls) == 2
    assert count_requests(CATALOGUE.sources["data_mos_ru"], CATALOGUE, year(2024)).at_least


@pytest.mark.parametrize("source_id", [s.id for s in CATALOGUE.sources.values() if not s.is_submission])
def test_counts_the_requests_of_every_source_without_responses(source_id: str) -> None:
    source = CATALOGUE.sources[source_id]
    counted = count_requests(source, CATALOGUE, year(source.first_period))
    assert counted.calls
    assert not counted.at_least or isinstance(connector_of(source), Paged)


def test_shows_what_is_left_to_do_and_its_requests() -> None:
    # 2017 is loaded by today's declarations, 2018 is archived, 2019 is neither.
    charts = len(dict.fromkeys(s.code for s in CATALOGUE.sources["owid_grapher"].series))
    of_revision = revision_requests(CATALOGUE.sources["owid_grapher"])
    assert of_revision == len(CATALOGUE.sources["owid_grapher"].revision.paths)
    result = planned(
        "owid_grapher",
        [2017, 2018, 2019],
        [loaded(1, year(2017)), loaded(2, year(2018), load_interval=year(2015, 2018))],
        Stored({2017: 195, 2018: 190, 2016: 7}, frozenset({year(2017)})),
        runs_at_once=2,
    )
    assert [run.action for run in result.runs] == ["nothing", "replay", "fetch"]
    assert [run.observations for run in result.runs] == [195, 190, 0]
    assert [[each.load_id for each in run.archived] for run in result.runs] == [[1], [2], []]
    assert result.most.requests == 3 * (of_revision + 2 * charts)
    assert result.least.requests == 3 * of_revision + 2 * 2 * charts
    # The source declares no rate limit.
    assert result.most.time is None


def test_an_interval_with_a_missing_year_is_not_archived() -> None:
    source = CATALOGUE.sources["owid_grapher"]
    both = year(2018, 2019)
    for stored, count in (([year(2018)], 0), ([year(2018), year(2019)], 2)):
        archived = [loaded(n, each) for n, each in enumerate(stored)]
        (run,) = plan(source, CATALOGUE, [both], archived, NOTHING, (), 2, NOW).runs
        assert len(run.archived) == count


def test_takes_the_number_of_pages_from_the_last_load_of_the_interval() -> None:
    same = planned("openaq", [2020], [loaded(5, year(2020), answers=130)])
    assert (same.most.requests, same.at_least) == (130, False)
    wider = planned("openaq", [2020], [loaded(5, year(2020), load_interval=year(2019, 2020), answers=130)])
    assert (wider.most.requests, wider.at_least) == (48, True)
    # 33 requests a minute: 130 requests take 130 / 33 minutes.
    assert same.most.time == timedelta(seconds=130 * 60 / 33)


def test_a_source_without_a_revision_is_always_fetched() -> None:
    result = planned("nasa_power", [2019, 2020], stored=Stored({2019: 500}, frozenset({year(2019)})))
    assert [run.action for run in result.runs] == ["nothing", "fetch"]
    assert result.least == result.most
    # 48 cities, two years, one request a second.
    assert (result.most.requests, result.most.time) == (96, timedelta(seconds=96))


def test_the_time_of_a_metered_source_follows_its_narrowest_quota() -> None:
    """48 cities × 365 / 14 days make 1251.4 calls, in three requests of 417.1.

    600 calls a minute allow one of them, 5000 an hour eleven (4588.6), 10 000 a day twenty-three.
    """
    one = planned("open_meteo_archive", [2019])
    assert one.most.requests == 3
    assert one.most.calls == pytest.approx(48 * 365 / 14)
    assert one.most.time == timedelta(minutes=2)
    # Twelve requests: the twelfth waits until the first is an hour old.
    four = planned("open_meteo_archive", [2017, 2018, 2019, 2021])
    assert (four.most.requests, four.most.time) == (12, timedelta(hours=1))
    # Twenty-four: the last waits until the first is a day old.
    eight = planned("open_meteo_archive", [2011, 2013, 2014, 2015, 2017, 2018, 2019, 2021])
    assert (eight.most.requests, eight.most.time) == (24, timedelta(days=1))


def test_subtracts_calls_that_other_runs_of_the_account_have_used() -> None:
    sent = Slot(NOW - timedelta(minutes=50), 4800)
    # 5000 calls an hour allow no request of 417 until the 4800 are an hour old; then one a minute.
    result = planned("open_meteo_archive", [2019], taken=[sent])
    assert result.most.time == timedelta(minutes=10 + 2)
    assert "4800 of them used" in report.markdown(Collected(result, (), ()))


def test_reports_a_table_with_a_row_for_each_interval() -> None:
    result = planned(
        "nasa_power",
        [2018, 2019],
        [loaded(7, year(2018))],
        Stored({2018: 528}, frozenset()),
    )
    lost = Unreadable(Batch(3, year(2019), NOW, None), "the archive lacks abc")
    text = report.markdown(Collected(result, (), (lost,)))
    assert text.splitlines() == [
        "### Backfill of nasa_power: 2 intervals, 2018-01-01 to 2020-01-01 (excluded)",
        "",
        "- left to do: nothing for 0 intervals, a replay of the archive for 1, a fetch for 1",
        "- requests: 96, at least 0:01:36 by the rate limits if the source serves what is loaded; "
        "96, at least 0:01:36 by the rate limits if everything must be fetched",
        "- limits: requests a second: 1",
        "- runs in parallel: 1, limited by the pool of the source's host",
        "",
        "| interval | left to do | archive | fetched | stored observations | requests at most |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 2018 | replay | load 7 | 2026-03-04 | 528 | 48 |",
        "| 2019 | fetch | – | – | 0 | 48 |",
        "",
        "The archive holds no load of these intervals that can be replayed.",
        "- cannot be replayed: load 3: the archive lacks abc",
    ]
    assert report.summary(result) == {
        "source": "nasa_power",
        "start": "2018-01-01",
        "end": "2020-01-01",
        "last": "2019-01-01",
        "intervals": 2,
        "nothing": 0,
        "runs_at_once": 1,
    }
