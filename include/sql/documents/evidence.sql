-- Grain: case. The evidence on best practices that an edition froze; no row if it is older than the table.
select
    case_id,
    ref_area,
    indicator,
    direction,
    start_year,
    other_cases,
    unit_measure,
    geo_basis,
    source,
    first_year,
    last_year,
    years_before,
    years_after,
    estimated,
    city_before,
    city_after,
    peers,
    peer_cities,
    peers_before,
    peers_after,
    did,
    did_low,
    did_high,
    placebo_p,
    slope_gap_p,
    gap_p,
    gap_reason,
    verdict,
    verdict_reason
from report.edition_best_practice_evidence
where rating = :rating and edition = :edition
order by case_id;
