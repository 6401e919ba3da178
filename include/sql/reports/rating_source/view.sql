-- Grain: rating × year × indicator × source. Inputs: report.source_use, report.freshness.
select
    used.rating, used.time_period, used.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    used.source, source.name as source_name, used.observations,
    freshness.freshness, freshness.freshness_reason,
    freshness.expected_period, freshness.newest_period, freshness.last_loaded_at
from report.source_use as used
inner join catalog.source as source using (source)
inner join catalog.indicator as indicator using (indicator)
-- Sources that cities submit have no expectations.
left join report.freshness as freshness using (source, indicator);
