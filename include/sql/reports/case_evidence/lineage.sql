-- The observations of the city and its peers before and after the start; of its year they say nothing.
select said.*
from report.case_evidence as evidence
cross join unnest(evidence.peer_cities || evidence.ref_area) as place (ref_area)
cross join
    lateral core.series_observations(
        evidence.indicator, place.ref_area, evidence.source, evidence.geo_basis, evidence.unit_measure,
        evidence.first_year, evidence.last_year
    ) as said
where evidence.case_id = :key ->> 'case_id' and said.time_period <> evidence.start_year::text;
