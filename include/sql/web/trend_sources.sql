-- Grain: publisher × licence. The sources of the trends with a verdict, by the number of places.
select
    source.publisher,
    source.licence,
    count(*) as series
from report.trend as trend
inner join catalog.ref_area as place using (ref_area)
inner join catalog.source as source using (source)
where
    trend.indicator = any(:indicators)
    and trend.time_window = :time_window
    and trend.trend is not null
    and place.kind = :level
group by source.publisher, source.licence
order by series desc, source.publisher asc;
