-- The current observation of the source.
select ref_area, indicator, time_period, source, version, null::double precision as contribution
from core.observation
where (indicator, time_period, source, ref_area)
    = (:key ->> 'indicator', :key ->> 'time_period', :key ->> 'source', :key ->> 'ref_area');
