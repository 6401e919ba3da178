-- The observations of the features of both cities.
select observation.*
from report.city_peer as peer
cross join report.profile_observations(array[peer.ref_area, peer.peer_ref_area], peer.features) as observation
where peer.ref_area = :key ->> 'ref_area' and peer.peer_ref_area = :key ->> 'peer_ref_area';
