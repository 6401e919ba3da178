-- The observations of the city and its peers before and after the start; of its year they say nothing.
select
    said.ref_area, said.indicator, said.time_period, said.source, said.version,
    null::double precision as contribution
from report.best_practice_evidence as evidence
inner join core.observation as said using (indicator, source, geo_basis, unit_measure)
where evidence.case_id = :key ->> 'case_id' and said.ref_area = any(evidence.peer_cities || evidence.ref_area)
    and said.freq = 'A' and said.obs_status <> 'F' and said.time_period <> evidence.start_year::text
    and said.time_period between evidence.first_year::text and evidence.last_year::text;
