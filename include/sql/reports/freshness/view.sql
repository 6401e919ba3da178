-- Grain: source × indicator. Input: ops.expected_and_seen. Of several reasons the one that has to be mended
-- first is given.
with judged as (
    select
        *,
        case
            when last_asked_at is null then 'never_asked'
            when last_loaded_at is null then 'never_loaded'
            when newest_period is null then 'never_given'
            when last_asked_at < current_timestamp - make_interval(days => asked_within_days) then 'not_asked'
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
    judged.source, source.name as source_name, judged.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    case
        when judged.freshness_reason like 'never%' then 'never'
        when judged.freshness_reason in ('not_asked', 'not_loaded') then 'late'
        when judged.freshness_reason in ('period_missing', 'not_changed') then 'stale'
        else 'fresh'
    end as freshness,
    judged.freshness_reason, judged.expected_period, judged.newest_period,
    judged.places_with_newest, judged.most_places,
    judged.last_asked_at, judged.last_changed_at, judged.last_loaded_at
from judged
inner join catalog.source as source using (source)
inner join catalog.indicator as indicator using (indicator);
