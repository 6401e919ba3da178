-- Grain: city × indicator × period × source. Ranks the observed values that a city may use, its own and its
-- country's, in the order in which reports prefer them. Values in different units are not compared.
with place as (
    -- A union, and not two values per city: the planner joins it at once and not city by city.
    select ref_area as city, ref_area from catalog.city
    union all
    select ref_area as city, country as ref_area from catalog.city
),

declared as (
    select
        (select array_agg(b.geo_basis order by b.preference) from catalog.geo_basis as b) as bases,
        array_agg(source order by precedence, source) as sources
    from catalog.source
),

candidate as (
    select
        value.*, place.city,
        row_number() over each_observation as preference,
        count(*) over same_unit as candidates,
        max(value.obs_value) over same_unit - min(value.obs_value) over same_unit as distance,
        first_value(value.obs_value) over each_observation as chosen_value
    from place
    inner join core.observation as value using (ref_area)
    cross join declared
    where value.obs_status <> 'F'
    window
        same_unit as (partition by place.city, value.indicator, value.time_period, value.unit_measure),
        each_observation as (
            same_unit order by core.preference(
                value.geo_basis, value.source, value.time_period, declared.bases, declared.sources
            )
        )
)

select
    candidate.city as ref_area, city.name_en as city_name_en,
    city.name_ru as city_name_ru, city.name_zh as city_name_zh,
    candidate.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    candidate.time_period, candidate.preference,
    candidate.source, candidate.geo_basis, candidate.ref_area as source_ref_area,
    candidate.obs_value, candidate.unit_measure, candidate.obs_status,
    candidate.version, candidate.known_from, candidate.candidates, candidate.preference = 1 as chosen,
    candidate.obs_value / nullif(candidate.chosen_value, 0) - 1 as difference_to_chosen,
    candidate.distance / nullif(abs(candidate.chosen_value), 0) as spread
from candidate
left join catalog.ref_area as city on candidate.city = city.ref_area -- left out where no name is read
left join catalog.indicator as indicator on candidate.indicator = indicator.indicator;
