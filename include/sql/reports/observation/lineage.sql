-- What the source says of the place now.
select
    said.ref_area,
    said.indicator,
    said.time_period,
    said.source,
    said.version,
    null::double precision as contribution
from core.observation as said
where
    said.indicator = :key ->> 'indicator'
    and said.time_period = :key ->> 'time_period'
    and said.source = :key ->> 'source'
    and said.ref_area = :key ->> 'ref_area';
