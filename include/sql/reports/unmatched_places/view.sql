select
    load.source,
    unmatched.country,
    unmatched.place,
    unmatched.records,
    unmatched.candidates,
    load.load_id,
    load.validated_at
from quality.unmatched_place as unmatched
inner join ops.load as load on unmatched.load_id = load.load_id
where
    load.load_id in (
        select max(latest.load_id)
        from ops.load as latest
        inner join quality.unmatched_place as of_load on latest.load_id = of_load.load_id
        group by latest.source
    );
