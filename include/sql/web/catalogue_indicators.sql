-- Grain: indicator. All indicators of the catalogue, with the bases, sources and years of their observations.
select
    indicator.indicator,
    indicator.definition_en,
    indicator.definition_ru,
    indicator.definition_zh,
    indicator.unit_measure,
    indicator.direction,
    indicator.pillar,
    coalesce(seen.geo_bases, '{}') as geo_bases,
    coalesce(seen.sources, '{}') as sources,
    seen.first_period,
    seen.last_period,
    coalesce(seen.observations, 0) as observations
from catalog.indicator as indicator
left join lateral (
    select
        array_agg(distinct coverage.geo_basis) as geo_bases,
        array_agg(distinct coverage.source) as sources,
        min(coverage.time_period) as first_period,
        max(coverage.time_period) as last_period,
        sum(coverage.places) as observations
    from report.data_coverage as coverage
    where coverage.indicator = indicator.indicator
) as seen on true
order by indicator.pillar asc, indicator.indicator asc;
