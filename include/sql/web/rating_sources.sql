-- Grain: source. The sources whose values a rating uses in a year, by the number of values.
select
    source.publisher,
    source.licence,
    sum(used.observations)::bigint as observations
from report.source_use as used
inner join catalog.source as source on used.source = source.source
where used.rating = :rating and used.time_period = :period
group by source.publisher, source.licence
order by observations desc, source.publisher asc;
