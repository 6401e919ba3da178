-- All current observations of the source for the indicator, year and geographic basis.
select ref_area, indicator, time_period, source, version, null::double precision as contribution
from core.observation
where (indicator, time_period, source, geo_basis)
    = (:key ->> 'indicator', :key ->> 'time_period', :key ->> 'source', :key ->> 'geo_basis');
