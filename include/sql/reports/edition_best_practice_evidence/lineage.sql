-- The observations of the city and its peers before and after the start, as known to the edition.
select
    observation.ref_area, observation.indicator, observation.time_period, observation.source,
    observation.version,
    null::double precision as contribution
from report.edition_best_practice_evidence as evidence
inner join report.edition as edition using (rating, edition)
cross join lateral core.observations_as_of(edition.known_at) as observation
where evidence.rating = :key ->> 'rating' and evidence.edition = :key ->> 'edition'
    and evidence.case_id = :key ->> 'case_id'
    and observation.indicator = evidence.indicator and observation.source = evidence.source
    and observation.geo_basis = evidence.geo_basis and observation.unit_measure = evidence.unit_measure
    and observation.ref_area = any(evidence.peer_cities || evidence.ref_area)
    and observation.freq = 'A' and observation.obs_status <> 'F'
    and observation.time_period <> evidence.start_year::text
    and observation.time_period between evidence.first_year::text and evidence.last_year::text;
