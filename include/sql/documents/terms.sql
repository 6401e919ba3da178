-- Grain: vocabulary × term. The names of the terms of best practices.
select
    vocabulary,
    term,
    name_en,
    name_ru,
    name_zh
from catalog.best_practice_term
order by vocabulary asc, position asc;
