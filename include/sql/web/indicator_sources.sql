-- Grain: source. The sources of an indicator in the order of their precedence, and how much each has.
select
    source.source,
    source.name,
    source.publisher,
    source.licence,
    source.licence_url,
    source.attribution,
    source.precedence,
    sum(block.observations) as observations,
    min(block.time_period) as first_period,
    max(block.time_period) as last_period
from core.block_latest as block
inner join catalog.source as source on block.source = source.source
where block.indicator = :indicator
group by source.source
order by source.precedence, source.source;
