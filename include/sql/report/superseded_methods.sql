-- Ratings of which some year was computed by another version of the method.
select distinct rating
from report.rating
where method_version <> (:versions)::jsonb ->> rating;
