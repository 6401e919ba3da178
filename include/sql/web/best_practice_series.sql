-- Grain: city × year. The observations of the city of a case and its peers in the years of the evidence.
select
    observation.ref_area,
    observation.time_period,
    observation.obs_value,
    observation.obs_status
from report.best_practice_evidence as evidence
inner join core.observation as observation
    on
        evidence.indicator = observation.indicator
        and evidence.source = observation.source
        and evidence.geo_basis = observation.geo_basis
        and evidence.unit_measure = observation.unit_measure
where
    evidence.case_id = :case_id
    and observation.ref_area = any(evidence.peer_cities || evidence.ref_area)
    and observation.freq = 'A' and observation.obs_status <> 'F'
    and observation.time_period between evidence.first_year::text and evidence.last_year::text
order by observation.ref_area, observation.time_period;
