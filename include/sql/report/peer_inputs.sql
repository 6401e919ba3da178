-- Grain: city × feature. The climate of each city, and its latest figures of the indicators asked for.
select
    city.ref_area,
    city.climate_class,
    profile.indicator,
    profile.obs_value
from catalog.city as city
left join report.city_profile as profile
    on city.ref_area = profile.ref_area and profile.indicator = any(:indicators);
