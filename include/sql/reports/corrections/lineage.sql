-- The version itself.
select version.*, null::double precision as contribution
from jsonb_to_record(:key) as version (
        ref_area text, indicator text, time_period text, source text, version integer
    );
