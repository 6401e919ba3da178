-- Grain: source × change. What published loads changed.
select
    load.source,
    counted.change,
    sum(counted.n_observations) as value
from ops.load as load
cross join
    lateral (
        values
        ('added', load.added),
        ('revised', load.revised),
        ('withdrawn', load.withdrawn),
        ('unchanged', load.unchanged),
        ('outdated', load.outdated)
    ) as counted (change, n_observations)
where load.state = 'published'
group by load.source, counted.change
order by load.source, counted.change;
