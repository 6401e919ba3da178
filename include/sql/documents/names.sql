-- Grain: code list × code. The names of the codes of an edition, as in export/code_names; none if the edition
-- is older than the table.
select
    code_list as list,
    code,
    name_en,
    name_ru,
    name_zh
from report.edition_name
where rating = :rating and edition = :edition
order by code_list asc, code asc;
