-- The first year that a source should have by now but lacks, unless the source was requested within a week.
select cast(min(expected_period) as integer)
from report.freshness
where
    source = :source
    and freshness_reason = 'period_missing'
    and last_requested_at < current_timestamp - interval '7 days';
