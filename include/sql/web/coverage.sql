-- Grain: city × indicator. What each value of some cities in a year of a rating rests on.
select
    used.ref_area,
    used.indicator,
    used.pillar,
    used.raw_time_period as value_period,
    used.obs_status,
    used.geo_basis,
    basis.city_level,
    used.normalised is not null as has_value
from report.rating_indicator as used
left join catalog.geo_basis as basis using (geo_basis)
where used.rating = :rating and used.time_period = :period and used.ref_area = any(:cities)
order by used.ref_area asc, used.indicator asc;
