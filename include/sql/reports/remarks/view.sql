-- Grain: place × indicator × period × remark of the latest published load that covers the figure of today.
select
    said.ref_area, said.indicator, said.time_period, said.source, said.obs_value, said.unit_measure,
    remark.rule, remark.reason, remark.load_id
from quality.remark as remark
inner join ops.load as load on remark.load_id = load.load_id and load.state = 'published'
inner join core.observation as said
    on (remark.ref_area, remark.indicator, remark.time_period, load.source)
        = (said.ref_area, said.indicator, said.time_period, said.source)
where remark.load_id >= said.load_id
    and not exists (
        select from ops.load as later
        where later.source = load.source and later.load_id > load.load_id and later.state = 'published'
            -- What a city's later form does not name, it says nothing of.
            and not later.partial
            and remark.indicator = any(later.indicators)
            and make_date(remark.time_period::integer, 1, 1) >= later.interval_start
            and make_date(remark.time_period::integer, 1, 1) < later.interval_end
    );
