-- Grain: source × interval. The newest load of each interval that a source was loaded for.
select distinct on (load.source, load.interval_start, load.interval_end)
    load.source,
    source.name,
    load.load_id,
    load.interval_start,
    load.interval_end,
    load.state,
    load.read_rows,
    load.rejected_rows::double precision / nullif(load.read_rows, 0) as rejected_share
from ops.load as load
inner join catalog.source as source on load.source = source.source
order by load.source asc, load.interval_start asc, load.interval_end asc, load.load_id desc;
