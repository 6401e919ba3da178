-- Grain: rule × reason. The warnings on observations of a load, with their number, most first.
select
    rule,
    reason,
    count(*) as observations,
    min(indicator) as indicator,
    array_agg(distinct ref_area) as places
from quality.warning
where load_id = :load_id
group by rule, reason
order by observations desc, rule asc, reason asc
limit :count;
