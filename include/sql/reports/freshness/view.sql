-- Grain: source × indicator. Input: ops.expected_and_seen. Of several reasons the one that has to be mended
-- first is given.
with validated as (
    select
        *,
        case
            when last_requested_at is null then 'never_requested'
            when last_loaded_at is null then 'never_loaded'
            when newest_period is null then 'never_given'
            when last_requested_at < current_timestamp - make_interval(days => requested_within_days) then 'not_requested'
            -- A load follows a change within the day, unless its gate waits for a steward.
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
    validated.source, source.name as source_name, validated.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    case
        when validated.freshness_reason like 'never%' then 'never'
        when validated.freshness_reason in ('not_requested', 'not_loaded') then 'overdue'
        when validated.freshness_reason in ('period_missing', 'not_changed') then 'stale'
        else 'fresh'
    end as freshness,
    validated.freshness_reason, validated.expected_period, validated.newest_period,
    validated.places_with_newest, validated.most_places,
    validated.last_requested_at, validated.last_changed_at, validated.last_loaded_at
from validated
inner join catalog.source as source using (source)
inner join catalog.indicator as indicator using (indicator);
