-- Appends a version of each observation that was added, revised or withdrawn.
insert into core.observation_version (
    ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure, obs_status,
    geo_basis, withdrawn, load_id, fetch_id, pointer, value_as_published, unit_as_published, known_from
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
    pointer,
    value_as_published,
    unit_as_published,
    cast(:known_from as timestamptz) as known_since
from classified
where outcome in ('added', 'revised', 'withdrawn');
