-- Grain: rating × year × indicator × source. Inputs: report.rating_indicator, report.freshness.
with
figure as (
    select
        rating,
        time_period,
        ref_area,
        indicator,
        source
    from report.rating_indicator
    where source is not null
    union all
    select
        rating,
        time_period,
        ref_area,
        denominator,
        denominator_source
    from report.rating_indicator
    where denominator_source is not null
),

used as (
    select
        rating,
        time_period,
        indicator,
        source,
        count(distinct ref_area) as figures
    from figure
    group by rating, time_period, indicator, source
)

select
    used.rating,
    used.time_period,
    used.indicator,
    indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru,
    indicator.name_zh as indicator_name_zh,
    used.source,
    source.name as source_name,
    used.figures,
    freshness.freshness,
    freshness.freshness_reason,
    freshness.expected_period,
    freshness.newest_period,
    freshness.last_loaded_at
from used
inner join catalog.source as source on used.source = source.source
inner join catalog.indicator as indicator on used.indicator = indicator.indicator
-- Nothing is expected of what cities send.
left join report.freshness as freshness
    on used.source = freshness.source and used.indicator = freshness.indicator;
