-- The observation that could be chosen.
select
    choice.source_ref_area as ref_area,
    choice.indicator,
    choice.time_period,
    choice.source,
    choice.version,
    null::double precision as contribution
from report.source_choice as choice
where
    choice.ref_area = :key ->> 'ref_area'
    and choice.indicator = :key ->> 'indicator'
    and choice.time_period = :key ->> 'time_period'
    and choice.source = :key ->> 'source';
