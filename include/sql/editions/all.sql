-- Every edition with what it was made by.
select
    rating,
    edition,
    time_period,
    method_version,
    reference_id,
    known_at
from report.edition
order by rating, edition;
