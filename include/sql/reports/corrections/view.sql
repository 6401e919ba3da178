-- Grain: version of a figure that was corrected. A later load that finds the figure unchanged writes no
-- version, so the figure keeps its correction.
select
    version.ref_area,
    version.indicator,
    version.time_period,
    version.source,
    version.version,
    string_agg(
        applied.reason || ' (' || applied.reference || ')', '; '
        order by applied.correction_applied_id
    ) as correction
from core.observation_version as version
inner join quality.correction_applied as applied
    on
        version.load_id = applied.load_id
        and version.fetch_id = applied.fetch_id
        and version.pointer = applied.pointer
        and version.ref_area = applied.ref_area
        and version.indicator = applied.indicator
        and version.time_period = applied.time_period
where applied.action <> 'drop'
group by
    version.ref_area,
    version.indicator,
    version.time_period,
    version.source,
    version.version;
