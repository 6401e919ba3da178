-- The observations behind the features of both cities: those of their profiles, and the years of the normals.
select observation.*
from report.city_peer as peer
cross join
    report.profile_observations(
        array[peer.ref_area, peer.peer_ref_area], peer.feature_indicators
    ) as observation
where peer.ref_area = :key ->> 'ref_area' and peer.peer_ref_area = :key ->> 'peer_ref_area'
union
select
    observation.ref_area, observation.indicator, observation.time_period, observation.source,
    observation.version, null::double precision
from report.city_peer as peer
inner join report.city_profile as latest
    on
        latest.ref_area in (peer.ref_area, peer.peer_ref_area)
        and latest.indicator = any(peer.feature_indicators) and latest.pillar = 'climate'
inner join core.observation as observation
    on
        latest.source_ref_area = observation.ref_area
        and latest.indicator = observation.indicator and latest.source = observation.source
        and observation.time_period between '2001' and '2020' and observation.obs_status <> 'F'
where peer.ref_area = :key ->> 'ref_area' and peer.peer_ref_area = :key ->> 'peer_ref_area';
