-- Grain: city × peer. The cities most similar to each city of an edition; none if it is older than they are.
select
    ref_area,
    peer_ref_area,
    position
from report.edition_city_peer
where rating = :rating and edition = :edition
order by ref_area asc, position asc;
