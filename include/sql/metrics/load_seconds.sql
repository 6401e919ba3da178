-- Grain: source. Of its load published last, the time from the first answer of the publisher to publication.
select distinct on (load.source)
    load.source,
    extract(
        epoch from load.published_at - (
            select min(fetched.fetched_at)
            from ops.load_fetch as read_from
            inner join archive.fetch_event as fetched on read_from.fetch_id = fetched.fetch_id
            where read_from.load_id = load.load_id
        )
    ) as value
from ops.load as load
where load.state = 'published'
order by load.source asc, load.published_at desc, load.load_id desc;
