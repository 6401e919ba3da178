-- The first versions of a load are what is known now.
insert into core.observation_state (
    ref_area, indicator, time_period, source, version, obs_value, unit_measure, obs_status, geo_basis,
    load_id, fetched_at, known_from
)
select
    version.ref_area,
    version.indicator,
    version.time_period,
    version.source,
    version.version,
    version.obs_value,
    version.unit_measure,
    version.obs_status,
    version.geo_basis,
    version.load_id,
    event.fetched_at,
    version.known_from
from core.observation_version as version
inner join archive.fetch_event as event on version.fetch_id = event.fetch_id
where version.load_id = :load_id and version.version = 1;
