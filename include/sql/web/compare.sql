-- Grain: pair of cities × indicator. The cities side by side, each pair once, and whether comparable.
select
    pillar,
    indicator,
    direction,
    ref_area,
    other_ref_area,
    obs_value,
    other_obs_value,
    unit_measure,
    other_unit_measure,
    time_period,
    other_time_period,
    geo_basis,
    other_geo_basis,
    source,
    other_source,
    rank,
    other_rank,
    n_ranked,
    trend,
    other_trend,
    slope,
    other_slope,
    trend_reason,
    other_trend_reason,
    incomparable_because,
    comparable
from report.pair_comparison
where ref_area = any(:cities) and other_ref_area = any(:cities) and ref_area < other_ref_area
order by pillar, indicator, ref_area, other_ref_area;
