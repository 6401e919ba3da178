-- Grain: source × outcome. What loads made of the rows of their sources.
select
    load.source,
    counted.outcome,
    sum(counted.n_rows) as value
from ops.load as load
cross join
    lateral (
        values
        ('accepted', load.accepted_rows),
        ('rejected', load.rejected_rows),
        ('empty', load.empty_cells),
        ('out_of_scope', load.out_of_scope_rows)
    ) as counted (outcome, n_rows)
group by load.source, counted.outcome
order by load.source, counted.outcome;
