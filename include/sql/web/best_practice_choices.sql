-- Grain: filter × value. The values that the cases have, from which a reader may choose.
with best as (select * from core.best_practice_current)

select
    'city' as filter,
    place.ref_area as value,
    null::integer as position,
    place.name_en,
    place.name_ru,
    place.name_zh
from catalog.ref_area as place
where place.ref_area in (select best.ref_area from best)
union all
select
    case term.vocabulary when 'fields' then 'field' when 'sdgs' then 'sdg' else 'award' end as filter,
    term.term as value,
    term.position,
    term.name_en,
    term.name_ru,
    term.name_zh
from catalog.best_practice_term as term
where
    (term.vocabulary = 'fields' and term.term in (select best.field from best))
    or (term.vocabulary = 'sdgs' and term.term in (select unnest(best.sdgs) from best))
    or (term.vocabulary = 'cycles' and term.term in (select best.cycle from best))
union all
select distinct
    'year' as filter,
    best.start_year::text as value,
    -best.start_year as position,
    best.start_year::text as name_en,
    best.start_year::text as name_ru,
    best.start_year::text as name_zh
from best
where best.start_year is not null
order by 1, 3, 2;
