-- The first year that a source should have by now and has not, unless it was asked for within a week.
select cast(min(expected_period) as integer)
from report.freshness
where
    source = :source
    and freshness_reason = 'period_missing'
    and last_requested_at < current_timestamp - interval '7 days';
