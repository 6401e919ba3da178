-- Grain: source. The sources that have a load, by name.
select
    source.source,
    source.name
from catalog.source as source
where exists (select from ops.load as load where load.source = source.source)
order by source.name asc;
