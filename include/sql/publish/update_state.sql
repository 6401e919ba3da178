-- A later version takes the place of the one known so far.
update core.observation_state as state
set
    version = changed.version,
    obs_value = changed.obs_value,
    unit_measure = changed.unit_measure,
    obs_status = changed.obs_status,
    geo_basis = changed.geo_basis,
    load_id = :load_id,
    fetched_at = changed.fetched_at,
    known_from = :known_from
from classified as changed
where
    changed.outcome in ('added', 'revised', 'withdrawn')
    and changed.version > 1
    and state.indicator = changed.indicator
    and state.time_period = changed.time_period
    and state.ref_area = changed.ref_area
    and state.source = :source;
