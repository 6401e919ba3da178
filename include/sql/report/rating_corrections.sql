-- The corrections of the figures that a rating uses, beside them.
update report.rating_indicator as used
set correction = told.correction
from report.corrections as told
where
    used.rating = :rating
    and used.time_period = any(:periods)
    and used.source_ref_area = told.ref_area
    and used.indicator = told.indicator
    and used.raw_time_period = told.time_period
    and used.source = told.source
    and used.version = told.version;
