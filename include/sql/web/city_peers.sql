-- Grain: peer. The peers of a city, the nearest first.
select
    peer_ref_area,
    distance,
    compared_weight,
    features,
    differences
from report.city_peer
where ref_area = :ref_area
order by position;
