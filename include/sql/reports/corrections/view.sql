-- Grain: corrected version of an observation. A later load with the same value writes no version, so the
-- observation keeps its correction.
select
    ref_area, indicator, time_period, version.source, version.version,
    string_agg(
        applied.reason || ' (' || applied.reference || ')', '; ' order by applied.correction_applied_id
    ) as correction
from core.observation_version as version
inner join quality.correction_applied as applied
    using (load_id, fetch_id, pointer, ref_area, indicator, time_period)
where applied.action <> 'drop'
group by ref_area, indicator, time_period, version.source, version.version;
