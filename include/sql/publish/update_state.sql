-- Replaces the stored state of observations by their new version.
update core.observation_state as state
set
    version = changed.version,
    obs_value = changed.obs_value,
    unit_measure = changed.unit_measure,
    obs_status = changed.obs_status,
    geo_basis = changed.geo_basis,
    load_id = :load_id,
    fetch_id = changed.last_fetch_id
from classified as changed
where changed.outcome in ('added', 'revised', 'withdrawn') and state.ctid = changed.place;
