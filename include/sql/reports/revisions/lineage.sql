-- The version itself.
select said.*, null::double precision as contribution
from jsonb_to_record(:key) as said (
        ref_area text, indicator text, time_period text, source text, version integer
    );
