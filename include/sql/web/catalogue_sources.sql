-- Grain: source. All sources of the catalogue, with what they give for its places, and their freshness.
with seen as (
    select
        source,
        count(distinct indicator) as indicators,
        sum(places) as observations,
        min(time_period) as first_period,
        max(time_period) as last_period
    from report.data_coverage
    group by source
),

places as (
    select
        source,
        max(cities) as most_cities,
        max(places) as most_places
    from (
        select
            source,
            indicator,
            time_period,
            sum(cities) as cities,
            sum(places) as places
        from report.data_coverage
        group by source, indicator, time_period
    ) as of_year
    group by source
),

state as (
    select
        source,
        count(*) filter (where freshness = 'fresh') as fresh,
        count(*) as expected,
        max(last_loaded_at) as last_loaded_at
    from report.freshness
    group by source
)

select
    source.source,
    source.name,
    source.publisher,
    source.base_url,
    source.licence,
    source.licence_url,
    source.attribution,
    source.precedence,
    coalesce(seen.indicators, 0) as indicators,
    coalesce(seen.observations, 0) as observations,
    seen.first_period,
    seen.last_period,
    places.most_places,
    places.most_cities,
    state.fresh,
    state.expected,
    state.last_loaded_at
from catalog.source as source
left join seen using (source)
left join places using (source)
left join state using (source)
order by source.name asc;
