-- Grain: source × indicator. What is expected of every source that is requested, and what was received.
create view ops.expected_and_seen as
with loaded as (
    select load.source, listed.indicator, max(load.published_at) as last_loaded_at
    from ops.load as load
    cross join unnest(load.indicators) as listed (indicator)
    where load.state = 'published'
    group by load.source, listed.indicator
),

stored as (
    select
        source, indicator, max(time_period) as newest_period, max(observations) as most_places,
        (array_agg(observations order by time_period desc))[1] as places_with_newest
    from core.observation_block where observations > 0 group by source, indicator
)

select
    expectation.source, expectation.indicator,
    expectation.requested_within_days, expectation.changed_within_days,
    expectation.last_period is not null as complete,
    -- The latest year that ended at least lag_days ago.
    coalesce(
        expectation.last_period,
        (extract(year from timezone('UTC', current_timestamp)::date - expectation.lag_days) - 1)::text
    ) as expected_period,
    stored.newest_period, stored.places_with_newest, stored.most_places,
    greatest(source_check.checked_at, fetched.last_fetched_at) as last_requested_at,
    source_check.changed_at as last_changed_at, loaded.last_loaded_at
from catalog.expectation as expectation
left join ops.source_check as source_check using (source)
left join archive.last_fetch as fetched using (source)
left join loaded using (source, indicator)
left join stored using (source, indicator);
