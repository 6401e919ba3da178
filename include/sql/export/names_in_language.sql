-- Grain: code list. The names of its codes in a language, as one object, because thousands of rows would take
-- a page long to read. They are English in a language in which declarations give none.
select
    list,
    json_object_agg(
        code, case :language when 'ru' then name_ru when 'zh' then name_zh else name_en end
    ) as names
from core.code_name
group by list;
