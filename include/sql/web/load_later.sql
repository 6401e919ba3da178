-- Grain: load. The published complete loads of the source of a load: when their files were fetched, and what
-- they cover. An older fetch no longer changes that.
select
    other.indicators,
    other.interval_start,
    other.interval_end,
    min(event.heard_at) as heard_at
from ops.load as load
inner join ops.load as other
    on load.source = other.source and other.state = 'published' and not other.partial
inner join ops.load_fetch as load_fetch on other.load_id = load_fetch.load_id
inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
where load.load_id = :load_id
group by other.load_id, other.indicators, other.interval_start, other.interval_end
order by other.load_id asc;
