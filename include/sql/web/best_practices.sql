-- Grain: case. The best practices that contain all words in one of the languages and meet the conditions,
-- where there are any; `award` is the id of a cycle, or `any` for the cases of any cycle.
with best as (
    select
        *,
        lower(
            concat_ws(
                ' ', case_id, name_en, name_ru, name_zh, city, city_name_en, city_name_ru, city_name_zh,
                cycle_name_en, cycle_name_ru, cycle_name_zh, stage_name_en, stage_name_ru, stage_name_zh,
                field_name_en, field_name_ru, field_name_zh, innovation_type_name_en, innovation_type_name_ru,
                innovation_type_name_zh, innovation_kind_name_en, innovation_kind_name_ru,
                innovation_kind_name_zh, indicator_name_en, indicator_name_ru, indicator_name_zh,
                array_to_string(sdg_names_en, ' '), array_to_string(sdg_names_ru, ' '),
                array_to_string(sdg_names_zh, ' '), outcome, note
            )
        ) as content
    from report.best_practice
),

wanted as (
    select *
    from best
    where
        not exists (
            select 1 from unnest(cast(:words as text[])) as word (searched)
            where strpos(best.content, lower(word.searched)) = 0
        )
        and (cast(:city as text) is null or ref_area = :city)
        and (cast(:field as text) is null or field = :field)
        and (cast(:sdg as text) is null or :sdg = any(sdgs))
        and (cast(:year as integer) is null or start_year = :year)
        and (cast(:award as text) is null or cycle = :award or (:award = 'any' and cycle is not null))
)

select
    best.case_id,
    best.name_en,
    best.name_ru,
    best.name_zh,
    best.ref_area,
    best.city_name_en,
    best.city_name_ru,
    best.city_name_zh,
    best.country,
    best.cycle,
    best.cycle_name_en,
    best.cycle_name_ru,
    best.cycle_name_zh,
    best.stage_name_en,
    best.stage_name_ru,
    best.stage_name_zh,
    best.field_name_en,
    best.field_name_ru,
    best.field_name_zh,
    best.start_year,
    best.indicator,
    evidence.verdict
from wanted as best
left join report.best_practice_evidence as evidence using (case_id)
order by
    evidence.verdict = 'too_little_data' asc nulls last,
    best.cycle desc nulls last,
    best.start_year desc nulls last,
    best.case_id asc;
