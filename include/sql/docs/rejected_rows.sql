-- The first rejected rows of the latest loads, for the page of each load.
select
    ranked.load_id,
    ranked.ref_area,
    ranked.indicator,
    ranked.time_period,
    ranked.value_as_published,
    ranked.rule,
    ranked.reason,
    ranked.pointer
from (
    select
        rejected.*,
        row_number() over (partition by rejected.load_id order by rejected.rejected_row_id) as position
    from quality.rejected_row as rejected
    where
        rejected.load_id in (
            select latest.load_id
            from ops.load as latest
            order by latest.load_id desc
            limit :loads
        )
) as ranked
where ranked.position <= :rows
order by ranked.load_id desc, ranked.position asc;
