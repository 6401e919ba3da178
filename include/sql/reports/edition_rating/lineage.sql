-- The observations of a city in an edition.
select *
from report.edition_observations(
        :key ->> 'rating', :key ->> 'edition', array[:key ->> 'ref_area'], null
    );
