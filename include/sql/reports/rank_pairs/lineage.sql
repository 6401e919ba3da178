-- The observations of both cities.
select *
from report.rating_observations(
        :key ->> 'rating', :key ->> 'time_period', array[:key ->> 'ref_area', :key ->> 'other_ref_area'], null
    );
