-- The observation of the indicator, and its denominator.
select *
from report.rating_observations(
        :key ->> 'rating', :key ->> 'time_period', array[:key ->> 'ref_area'], array[:key ->> 'indicator']
    );
