-- The edition that was already published from this proposal, if any.
select edition
from report.edition
where
    rating = :rating
    and time_period = :time_period
    and known_at = :known_at
    and checksum = :checksum;
