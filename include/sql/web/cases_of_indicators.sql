-- Grain: case. The best practices of other cities that are meant to improve one of the indicators, those with
-- an improving verdict first.
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
    best.city_name_en,
    best.city_name_ru,
    best.city_name_zh,
    best.ref_area,
    best.start_year,
    best.indicator,
    evidence.verdict
from report.best_practice as best
left join report.best_practice_evidence as evidence using (case_id)
where best.indicator = any(:indicators) and best.ref_area is distinct from :ref_area
order by
    best.indicator asc,
    array_position(
        array[
            'better_than_peers', 'no_clear_difference', 'apart_before', 'too_little_data', 'worse_than_peers'
        ],
        evidence.verdict
    ) asc nulls last,
    best.case_id asc;
