-- Grain: city × indicator. The latest observations of the given indicators.
select
    ref_area,
    indicator,
    obs_value,
    geo_basis
from report.city_profile
where indicator = any(:indicators);
