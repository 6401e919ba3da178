-- Grain: source × indicator. Inputs: catalog.expectation, ops.source_check, archive.fetch_event, ops.load,
-- core.observation_block. Of several reasons the one that has to be mended first is given.
with fetched as (
    select
        source,
        max(fetched_at) as fetched_at
    from archive.fetch_event
    group by source
),

loaded as (
    select
        load.source,
        spoken.indicator,
        max(load.published_at) as loaded_at
    from ops.load as load
    cross join unnest(load.indicators) as spoken (indicator)
    where load.state = 'published'
    group by load.source, spoken.indicator
),

held as (
    select
        source,
        indicator,
        max(time_period) as newest_period,
        max(figures) as most_places,
        (array_agg(figures order by time_period desc))[1] as places_with_newest
    from core.observation_block
    where figures > 0
    group by source, indicator
),

known as (
    select
        expectation.source,
        expectation.indicator,
        expectation.asked_within_days,
        expectation.changed_within_days,
        source_check.changed_at as last_changed_at,
        loaded.loaded_at as last_loaded_at,
        held.newest_period,
        held.places_with_newest,
        held.most_places,
        greatest(source_check.checked_at, fetched.fetched_at) as last_asked_at,
        expectation.last_period is not null as complete,
        -- The latest year that ended at least lag_days ago.
        coalesce(
            expectation.last_period,
            (extract(year from timezone('UTC', current_timestamp)::date - expectation.lag_days) - 1)::text
        ) as expected_period
    from catalog.expectation as expectation
    left join ops.source_check as source_check on expectation.source = source_check.source
    left join fetched on expectation.source = fetched.source
    left join loaded on expectation.source = loaded.source and expectation.indicator = loaded.indicator
    left join held on expectation.source = held.source and expectation.indicator = held.indicator
),

judged as (
    select
        *,
        case
            when last_asked_at is null then 'never_asked'
            when last_loaded_at is null then 'never_loaded'
            when newest_period is null then 'never_given'
            when last_asked_at < current_timestamp - make_interval(days => asked_within_days) then 'not_asked'
            -- A load follows a change within the day, unless its gate waits for a steward.
            when
                last_changed_at > last_loaded_at
                and last_changed_at < current_timestamp - interval '2 days'
                then 'not_loaded'
            when newest_period < expected_period then 'period_missing'
            when
                last_changed_at < current_timestamp - make_interval(days => changed_within_days)
                then 'not_changed'
            when complete then 'complete'
            else 'as_expected'
        end as freshness_reason
    from known
),

rated as (
    select
        *,
        case
            when freshness_reason like 'never%' then 'never'
            when freshness_reason in ('not_asked', 'not_loaded') then 'late'
            when freshness_reason in ('period_missing', 'not_changed') then 'stale'
            else 'fresh'
        end as freshness
    from judged
)

select
    rated.source,
    source.name as source_name,
    rated.indicator,
    indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru,
    indicator.name_zh as indicator_name_zh,
    rated.freshness,
    rated.freshness_reason,
    rated.expected_period,
    rated.newest_period,
    rated.places_with_newest,
    rated.most_places,
    rated.last_asked_at,
    rated.last_changed_at,
    rated.last_loaded_at
from rated
inner join catalog.source as source on rated.source = source.source
inner join catalog.indicator as indicator on rated.indicator = indicator.indicator;
