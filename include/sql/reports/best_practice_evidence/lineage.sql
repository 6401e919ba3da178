-- The observations of the city and its peers before and after the start, without the year of the start.
select
    observation.ref_area, observation.indicator, observation.time_period, observation.source,
    observation.version,
    null::double precision as contribution
from report.best_practice_evidence as evidence
inner join core.observation as observation using (indicator, source, geo_basis, unit_measure)
where evidence.case_id = :key ->> 'case_id'
    and observation.ref_area = any(evidence.peer_cities || evidence.ref_area)
    and observation.freq = 'A' and observation.obs_status <> 'F'
    and observation.time_period <> evidence.start_year::text
    and observation.time_period between evidence.first_year::text and evidence.last_year::text;
