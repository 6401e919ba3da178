-- Grain: case. Some cases by the year in which they began, with the verdict on their evidence, if any.
select
    best.case_id,
    best.ref_area,
    best.city,
    best.start_year,
    best.name_en,
    best.name_ru,
    best.name_zh,
    best.field_name_en,
    best.field_name_ru,
    best.field_name_zh,
    best.case_status_name_en,
    best.case_status_name_ru,
    best.case_status_name_zh,
    evidence.verdict,
    evidence.verdict_reason
from report.best_practice as best
left join report.best_practice_evidence as evidence using (case_id)
where best.case_id = any(:cases)
order by best.start_year asc nulls last, best.case_id asc;
