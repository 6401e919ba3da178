-- The candidate observation.
select
    source_ref_area as ref_area, indicator, time_period, source, version,
    null::double precision as contribution
from report.source_choice
where (ref_area, indicator, time_period, source)
    = (:key ->> 'ref_area', :key ->> 'indicator', :key ->> 'time_period', :key ->> 'source');
