-- The latest version of each figure.
insert into core.observation_state (
    ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure, obs_status,
    geo_basis, withdrawn, load_id, fetch_id, fetched_at, known_from
)
select
    ref_area,
    indicator,
    time_period,
    :source as source,
    version,
    freq,
    obs_value,
    unit_measure,
    obs_status,
    geo_basis,
    withdrawn,
    :load_id as load_id,
    fetch_id,
    fetched_at,
    :known_from
from classified
where outcome in ('added', 'revised', 'withdrawn')
on conflict (ref_area, indicator, time_period, source) do update
    set
        version = excluded.version,
        freq = excluded.freq,
        obs_value = excluded.obs_value,
        unit_measure = excluded.unit_measure,
        obs_status = excluded.obs_status,
        geo_basis = excluded.geo_basis,
        withdrawn = excluded.withdrawn,
        load_id = excluded.load_id,
        fetch_id = excluded.fetch_id,
        fetched_at = excluded.fetched_at,
        known_from = excluded.known_from;
