-- Grain: publisher × licence. The sources whose values the ratings of a city use, by the number of values.
select
    source.publisher,
    source.licence,
    count(*) as observations
from report.rating_indicator as used
inner join catalog.source as source on used.source = source.source
where used.ref_area = :ref_area and used.rating = any(:ratings) and used.normalised is not null
group by source.publisher, source.licence
order by observations desc, source.publisher asc;
