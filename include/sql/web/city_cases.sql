-- Grain: case. The best practices of a city, the latest first.
select
    best.case_id,
    best.name_en,
    best.name_ru,
    best.name_zh,
    best.cycle_name_en,
    best.cycle_name_ru,
    best.cycle_name_zh,
    best.stage_name_en,
    best.stage_name_ru,
    best.stage_name_zh,
    best.start_year,
    best.indicator,
    evidence.verdict
from report.best_practice as best
left join report.best_practice_evidence as evidence using (case_id)
where best.ref_area = :ref_area
order by best.start_year desc nulls last, best.cycle desc nulls last, best.case_id asc;
