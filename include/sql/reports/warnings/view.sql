-- Grain: place × indicator × period × warning of the latest published load that covers the observation of today.
select
    said.ref_area, said.indicator, said.time_period, said.source, said.obs_value, said.unit_measure,
    warning.rule, warning.reason, warning.load_id
from quality.warning as warning
inner join ops.load as load on warning.load_id = load.load_id and load.state = 'published'
inner join core.observation as said
    on (warning.ref_area, warning.indicator, warning.time_period, load.source)
        = (said.ref_area, said.indicator, said.time_period, said.source)
where warning.load_id >= said.load_id
    and not exists (
        select from ops.load as later
        where later.source = load.source and later.load_id > load.load_id and later.state = 'published'
            -- What a city's later form does not name, it says nothing of.
            and not later.partial
            and warning.indicator = any(later.indicators)
            and make_date(warning.time_period::integer, 1, 1) >= later.interval_start
            and make_date(warning.time_period::integer, 1, 1) < later.interval_end
    );
