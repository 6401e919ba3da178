-- Which sources a rating draws on, and which of them is late.

-- Grain: rating × year × indicator × source. Inputs: report.rating_indicator, report.freshness.
create view report.rating_source as
with used as (
    select
        rating,
        time_period,
        indicator,
        source,
        count(*) as figures
    from report.rating_indicator
    where source is not null
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
