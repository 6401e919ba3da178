-- Grain: source. When a load of it was last published.
select
    source,
    extract(epoch from max(published_at)) as value
from ops.load
where state = 'published'
group by source
order by source;
