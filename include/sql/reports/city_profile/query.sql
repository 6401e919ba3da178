-- Grain: city × indicator. The preferred observed value known at a moment, with its source, licence and
-- declared corrections, and its rank.
with preferred as (
    select distinct on (place.city, observation.indicator)
        place.city as ref_area,
        named.name_en as city_name_en,
        named.name_ru as city_name_ru,
        named.name_zh as city_name_zh,
        place.country,
        observation.indicator,
        indicator.name_en as indicator_name_en,
        indicator.name_ru as indicator_name_ru,
        indicator.name_zh as indicator_name_zh,
        indicator.pillar,
        observation.time_period,
        observation.obs_value,
        observation.unit_measure,
        observation.obs_status,
        observation.geo_basis,
        observation.source,
        observation.ref_area as source_ref_area,
        observation.version,
        observation.known_from,
        source.publisher,
        source.attribution,
        source.licence,
        source.licence_url,
        corrections.correction
    from core.places_of_cities(cast(:cities as text[]), cast(:countries as text[])) as place
    inner join catalog.ref_area as named on place.city = named.ref_area
    inner join core.observations_as_of(cast(:known_at as timestamptz)) as observation
        on place.ref_area = observation.ref_area and observation.obs_status <> 'F'
    inner join catalog.indicator as indicator on observation.indicator = indicator.indicator
    inner join catalog.source as source on observation.source = source.source
    left join report.corrections as corrections
        on
            observation.ref_area = corrections.ref_area
            and observation.indicator = corrections.indicator
            and observation.time_period = corrections.time_period
            and observation.source = corrections.source
            and observation.version = corrections.version
    order by
        place.city asc,
        observation.indicator asc,
        core.preference(
            observation.geo_basis, observation.source, observation.time_period,
            cast(:bases as text[]), cast(:sources as text[])
        ) asc
)

select
    preferred.*,
    case indicator.direction
        when 'higher' then rank() over downwards
        when 'lower' then rank() over upwards
    end as rank,
    case when indicator.direction <> 'context' then count(*) over one_unit end as n_ranked,
    case indicator.direction
        when 'higher' then max(preferred.obs_value) over one_unit
        when 'lower' then min(preferred.obs_value) over one_unit
    end as best_value
from preferred
inner join catalog.indicator as indicator on preferred.indicator = indicator.indicator
window
    one_unit as (partition by preferred.indicator, preferred.unit_measure),
    downwards as (partition by preferred.indicator, preferred.unit_measure order by preferred.obs_value desc),
    upwards as (partition by preferred.indicator, preferred.unit_measure order by preferred.obs_value asc)
order by preferred.ref_area asc, preferred.indicator asc;
