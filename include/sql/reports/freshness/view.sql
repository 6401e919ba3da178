-- Grain: source × indicator. Input: ops.expected_and_seen. Of several reasons it gives the one to fix first.
with assessed as (
    select
        *,
        case
            when last_requested_at is null then 'never_requested'
            when last_loaded_at is null then 'never_loaded'
            when newest_period is null then 'never_given'
            when last_requested_at < current_timestamp - make_interval(days => requested_within_days)
                then 'not_requested'
            -- A load follows a change within a day, unless its gate waits for a steward.
            when last_changed_at > last_loaded_at
                and last_changed_at < current_timestamp - interval '2 days'
                then 'not_loaded'
            when newest_period < expected_period then 'period_missing'
            when last_changed_at < current_timestamp - make_interval(days => changed_within_days)
                then 'not_changed'
            when complete then 'complete'
            else 'as_expected'
        end as freshness_reason
    from ops.expected_and_seen
)

select
    assessed.source, source.name as source_name, assessed.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    case
        when assessed.freshness_reason like 'never%' then 'never'
        when assessed.freshness_reason in ('not_requested', 'not_loaded') then 'overdue'
        when assessed.freshness_reason in ('period_missing', 'not_changed') then 'stale'
        else 'fresh'
    end as freshness,
    assessed.freshness_reason, assessed.expected_period, assessed.newest_period,
    assessed.places_with_newest, assessed.most_places,
    assessed.last_requested_at, assessed.last_changed_at, assessed.last_loaded_at
from assessed
inner join catalog.source as source using (source)
inner join catalog.indicator as indicator using (indicator);
