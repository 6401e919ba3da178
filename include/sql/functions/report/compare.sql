-- Compares two cities side by side, by default Moscow and Guangzhou.
create function report.compare(city text default 'moscow', other_city text default 'guangzhou')
returns setof report.pair_comparison
language sql stable as $$
    select * from report.pair_comparison where ref_area = city and other_ref_area = other_city
    order by pillar, indicator
$$;
