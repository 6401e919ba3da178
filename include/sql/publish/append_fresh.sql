-- Figures of blocks of which the warehouse holds nothing are first versions: none is compared.
insert into core.observation_version (
    ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure, obs_status,
    geo_basis, withdrawn, load_id, fetch_id, pointer, value_as_published, unit_as_published, known_from
)
select
    staged.ref_area,
    staged.indicator,
    staged.time_period,
    :source as source,
    1 as version,
    staged.freq,
    staged.obs_value,
    staged.unit_measure,
    staged.obs_status,
    staged.geo_basis,
    false as withdrawn,
    :load_id as load_id,
    staged.fetch_id,
    staged.pointer,
    staged.value_as_published,
    staged.unit_as_published,
    cast(:known_from as timestamptz) as known_since
from staged
inner join block on staged.indicator = block.indicator and staged.time_period = block.time_period
where block.verdict = 'fresh';
