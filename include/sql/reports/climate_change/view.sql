-- Grain: city × climate index × year × source. Compares a year with the normals of 1991-2020 and 2001-2020 of
-- the same source. A normal needs four years in five: WMO Guidelines on the Calculation of Climate Normals
-- (WMO-No. 1203, 2017).
with observation as (
    select
        value.ref_area, value.indicator, value.time_period, value.source, value.obs_value, value.unit_measure
    from core.observation as value
    inner join catalog.indicator as indicator using (indicator)
    where indicator.pillar = 'climate' and value.obs_status <> 'F'
),

normal as (
    select
        ref_area, indicator, source, avg(obs_value) as mean_1991_2020, count(*)::integer as years_of_30,
        avg(obs_value) filter (where time_period > '2000') as mean_2001_2020,
        (count(*) filter (where time_period > '2000'))::integer as years_of_20
    from observation where time_period between '1991' and '2020' group by ref_area, indicator, source
)

select
    observation.ref_area,
    city.name_en as city_name_en, city.name_ru as city_name_ru, city.name_zh as city_name_zh,
    observation.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    observation.time_period, observation.source, observation.obs_value, observation.unit_measure,
    normal.mean_1991_2020, coalesce(normal.years_of_30, 0) as years_of_30,
    case when normal.years_of_30 >= 24 then observation.obs_value - normal.mean_1991_2020 end as change,
    normal.mean_2001_2020, coalesce(normal.years_of_20, 0) as years_of_20,
    case
        when normal.years_of_20 >= 16 then observation.obs_value - normal.mean_2001_2020
    end as change_since_2001_2020,
    case when normal.years_of_30 >= 24 then null else 'normal_incomplete' end as change_reason
from observation
inner join catalog.ref_area as city using (ref_area)
inner join catalog.indicator as indicator using (indicator)
left join normal using (ref_area, indicator, source);
