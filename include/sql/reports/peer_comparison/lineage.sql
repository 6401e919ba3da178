-- The observations in the profiles of the city and its peers.
select *
from report.profile_observations(
        array(select peer_ref_area from report.city_peer where ref_area = :key ->> 'ref_area')
        || (:key ->> 'ref_area'),
        array[:key ->> 'indicator']
    );
