-- Grain: source × place. Place names of the latest load that matched no place of the catalogue.
select
    load.source, unmatched.country, unmatched.place, unmatched.records, unmatched.candidates,
    load.load_id, load.validated_at
from quality.unmatched_place as unmatched
inner join ops.load as load using (load_id)
where load.load_id in (
        select max(latest.load_id) from ops.load as latest
        where latest.load_id in (select met.load_id from quality.unmatched_place as met)
        group by latest.source
    );
