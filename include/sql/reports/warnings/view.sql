-- Grain: place × indicator × period × source × rule. Warnings of the latest published load that covers the
-- current observation.
select
    observation.ref_area, observation.indicator, observation.time_period, observation.source,
    observation.obs_value, observation.unit_measure,
    warning.rule, warning.reason, warning.load_id
from quality.warning as warning
inner join ops.load as load on warning.load_id = load.load_id and load.state = 'published'
inner join core.observation as observation
    on (warning.ref_area, warning.indicator, warning.time_period, load.source)
        = (observation.ref_area, observation.indicator, observation.time_period, observation.source)
where warning.load_id >= observation.load_id
    and not exists (
        select from ops.load as later
        where later.source = load.source and later.load_id > load.load_id and later.state = 'published'
            -- A partial load says nothing of observations that it does not name.
            and not later.partial
            and warning.indicator = any(later.indicators)
            and make_date(warning.time_period::integer, 1, 1) >= later.interval_start
            and make_date(warning.time_period::integer, 1, 1) < later.interval_end
    );
