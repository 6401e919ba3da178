-- Grain: version of an observation. Its provenance: load, fetch and archived file, warnings and corrections,
-- and its citation. Seven relations, joined to one more, stay within join_collapse_limit: the planner still
-- looks for the best order, and finds a single version by its key.
create view core.origin as
select
    version.ref_area, version.indicator, version.time_period, version.source, version.version,
    version.obs_value, version.unit_measure, version.obs_status, version.geo_basis,
    version.value_as_published, version.unit_as_published, version.known_from,
    version.load_id, load.dag_id, load.run_id, load.published_at,
    override.accepted_by, override.reason as accepted_because,
    fetched.url, fetched.fetched_at, fetched.sha256, snapshot.byte_count, version.pointer,
    array(
        select warning.rule from quality.warning as warning
        where (warning.load_id, warning.ref_area, warning.indicator, warning.time_period)
            = (version.load_id, version.ref_area, version.indicator, version.time_period)
        order by warning.rule
    ) as warned_by,
    array(
        select warning.reason from quality.warning as warning
        where (warning.load_id, warning.ref_area, warning.indicator, warning.time_period)
            = (version.load_id, version.ref_area, version.indicator, version.time_period)
        order by warning.rule
    ) as warnings,
    corrections.correction,
    source.publisher, source.licence, source.licence_url,
    -- The folder of a submitted file is the server's: its name and content identify it.
    concat_ws(
        ' ', source.attribution,
        case
            when fetched.url ~ '^https?:' then fetched.url || ' (fetched '
            else substring(fetched.url from '[^/]*$') || ' (SHA-256 ' || fetched.sha256 || ', received '
        end || to_char(fetched.fetched_at at time zone 'UTC', 'YYYY-MM-DD') || ')'
    ) as citation
from core.observation_version as version
inner join ops.load as load on version.load_id = load.load_id
inner join catalog.source as source on version.source = source.source
left join archive.fetch_event as fetched on version.fetch_id = fetched.fetch_id
left join archive.snapshot as snapshot on fetched.sha256 = snapshot.sha256
left join ops.load_override as override on version.load_id = override.load_id
left join report.corrections as corrections
    on (version.ref_area, version.indicator, version.time_period, version.source)
        = (corrections.ref_area, corrections.indicator, corrections.time_period, corrections.source)
        and version.version = corrections.version;
