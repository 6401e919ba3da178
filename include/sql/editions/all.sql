-- All editions, each with the method, reference and moment that it was computed from.
select
    rating,
    edition,
    time_period,
    method_version,
    reference_id,
    known_at
from report.edition
order by rating, edition;
