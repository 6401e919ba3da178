-- The newest file of cases that changed the base, if any, and whether the last refresh included it.
with
newest as (
    select max(best_practice_load_id) as best_practice_load_id
    from ops.best_practice_load
    where added + revised > 0
),

latest as (
    select best_practice_load_id
    from ops.report_refresh
    order by report_refresh_id desc
    limit 1
)

select
    newest.best_practice_load_id,
    newest.best_practice_load_id is null
    or exists (
        select from latest
        where latest.best_practice_load_id = newest.best_practice_load_id
    ) as taken_in
from newest;
