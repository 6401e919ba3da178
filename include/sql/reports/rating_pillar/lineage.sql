-- The observations of a pillar and of those below it.
with recursive
below as (
    select :key ->> 'pillar' as pillar
    union
    select part.pillar
    from report.rating_pillar as part
    inner join below on part.parent = below.pillar
    where
        part.rating = :key ->> 'rating'
        and part.time_period = :key ->> 'time_period'
        and part.ref_area = :key ->> 'ref_area'
)

select *
from report.rating_observations(
    :key ->> 'rating', :key ->> 'time_period', array[:key ->> 'ref_area'],
    array(
        select used.indicator
        from report.rating_indicator as used
        inner join below on used.pillar = below.pillar
        where
            used.rating = :key ->> 'rating'
            and used.time_period = :key ->> 'time_period'
            and used.ref_area = :key ->> 'ref_area'
    )
);
