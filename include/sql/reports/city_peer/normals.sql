-- Grain: city × indicator. The means of 2001 to 2020 of the preferred source, known at a moment. A normal
-- needs four years in five (WMO-No. 1203, 2017).
with normal as (
    select
        ref_area,
        indicator,
        geo_basis,
        source,
        -- In the order of the years: a mean of the same values in another order may differ in its last digit.
        avg(obs_value order by time_period) as obs_value
    from core.observations_as_of(cast(:known_at as timestamptz))
    where
        indicator = any(cast(:indicators as text[]))
        and time_period between '2001' and '2020' and obs_status <> 'F'
    group by ref_area, indicator, geo_basis, source
    having count(*) >= 16
)

select distinct on (place.city, normal.indicator)
    place.city as ref_area,
    normal.indicator,
    normal.obs_value,
    normal.geo_basis
from core.places_of_cities(cast(:cities as text[]), cast(:countries as text[])) as place
inner join normal on place.ref_area = normal.ref_area
order by
    place.city asc,
    normal.indicator asc,
    core.preference(
        normal.geo_basis, normal.source, '2020',
        cast(:bases as text[]), cast(:sources as text[])
    ) asc;
