-- The rows that a load rejected, each with the rule that rejected it.
select
    event.url,
    rejected.pointer,
    rejected.indicator,
    rejected.time_period,
    rejected.rule
from quality.rejected_row as rejected
inner join archive.fetch_event as event on rejected.fetch_id = event.fetch_id
where rejected.load_id = :load_id;
