-- The edition of a rating that was published from a proposal, if it was.
select edition
from report.edition
where
    rating = :rating
    and time_period = :time_period
    and known_at = :known_at
    and checksum = :checksum;
