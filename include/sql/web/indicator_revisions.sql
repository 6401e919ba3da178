-- Grain: revision. The latest revisions of an indicator, and in each row how many values were ever revised.
select
    ref_area,
    time_period,
    source,
    version,
    value_before,
    unit_before,
    value_after,
    unit_after,
    relative_change,
    change_class,
    known_before_from,
    known_from,
    count(*) filter (where version = 2) over () as values_revised,
    count(*) over () as revisions
from report.revisions
where indicator = :indicator
order by known_from desc, ref_area asc, time_period desc, source asc, version desc
limit :most;
