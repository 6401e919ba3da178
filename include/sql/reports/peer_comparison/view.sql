-- Grain: city × indicator. Compares a city's observation with those of its peers in the same unit.
select
    one.ref_area, one.city_name_en, one.city_name_ru, one.city_name_zh,
    one.indicator, one.indicator_name_en, one.indicator_name_ru, one.indicator_name_zh,
    one.time_period, one.obs_value, one.unit_measure, one.geo_basis,
    count(*) as peers,
    percentile_cont(0.5) within group (order by other.obs_value) as peer_median,
    min(other.obs_value) as peer_lowest, max(other.obs_value) as peer_highest,
    array_agg(other.ref_area order by peer.position) as peer_cities
from report.city_profile as one
inner join report.city_peer as peer on one.ref_area = peer.ref_area
inner join report.city_profile as other
    on peer.peer_ref_area = other.ref_area
        and one.indicator = other.indicator and one.unit_measure = other.unit_measure
group by one.ref_area, one.indicator;
