-- Grain: source × rule. Rows that were rejected by the loads validated in a period.
select
    load.source,
    rejected.rule,
    count(*) as n_rows
from ops.load as load
inner join quality.rejected_row as rejected on load.load_id = rejected.load_id
where load.validated_at >= :since and load.validated_at < :until
group by load.source, rejected.rule
order by load.source asc, n_rows desc, rejected.rule asc;
