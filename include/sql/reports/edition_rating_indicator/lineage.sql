-- The observation of the indicator in an edition, and its denominator.
select *
from report.edition_observations(
        :key ->> 'rating', :key ->> 'edition', array[:key ->> 'ref_area'], array[:key ->> 'indicator']
    );
