-- The observations of a pillar and of the pillars below it.
with recursive
below as (
    select :key ->> 'pillar' as pillar
    union
    select part.pillar
    from report.rating_pillar as part
    inner join below on part.parent = below.pillar
    where (part.rating, part.time_period, part.ref_area)
        = (:key ->> 'rating', :key ->> 'time_period', :key ->> 'ref_area')
)

select *
from report.rating_observations(
        :key ->> 'rating', :key ->> 'time_period', array[:key ->> 'ref_area'],
        array(
            select used.indicator
            from report.rating_indicator as used
            inner join below using (pillar)
            where (used.rating, used.time_period, used.ref_area)
                = (:key ->> 'rating', :key ->> 'time_period', :key ->> 'ref_area')
        )
    );
