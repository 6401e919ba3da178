-- What was added to a block that is known already, and was never known before.
insert into core.observation_state (
    ref_area, indicator, time_period, source, version, obs_value, unit_measure, obs_status, geo_basis,
    load_id, fetch_id
)
select
    ref_area,
    indicator,
    time_period,
    :source as source,
    version,
    obs_value,
    unit_measure,
    obs_status,
    geo_basis,
    :load_id as load_id,
    heard_by
from classified
where outcome = 'added' and place is null;
