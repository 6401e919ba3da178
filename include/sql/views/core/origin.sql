-- Grain: version of an observation. Where it came from: its load, its fetch and the bytes, what was with_warning
-- and corrected, and how to cite it. With seven relations, joined to one more, the planner still looks for
-- the best order (join_collapse_limit): so a single version is found by its key.
create view core.origin as
select
    said.ref_area, said.indicator, said.time_period, said.source, said.version,
    said.obs_value, said.unit_measure, said.obs_status, said.geo_basis,
    said.value_as_published, said.unit_as_published, said.known_from,
    said.load_id, load.dag_id, load.run_id, load.published_at,
    override.accepted_by, override.reason as accepted_because,
    fetched.url, fetched.fetched_at, fetched.sha256, snapshot.byte_count, said.pointer,
    array(
        select warning.rule from quality.warning as warning
        where (warning.load_id, warning.ref_area, warning.indicator, warning.time_period)
            = (said.load_id, said.ref_area, said.indicator, said.time_period)
        order by warning.rule
    ) as warned_by,
    array(
        select warning.reason from quality.warning as warning
        where (warning.load_id, warning.ref_area, warning.indicator, warning.time_period)
            = (said.load_id, said.ref_area, said.indicator, said.time_period)
        order by warning.rule
    ) as warnings,
    corrections.correction,
    source.publisher, source.licence, source.licence_url,
    concat_ws(
        ' ', source.attribution, fetched.url,
        '(fetched ' || to_char(fetched.fetched_at at time zone 'UTC', 'YYYY-MM-DD') || ')'
    ) as citation
from core.observation_version as said
inner join ops.load as load on said.load_id = load.load_id
inner join catalog.source as source on said.source = source.source
left join archive.fetch_event as fetched on said.fetch_id = fetched.fetch_id
left join archive.snapshot as snapshot on fetched.sha256 = snapshot.sha256
left join ops.load_override as override on said.load_id = override.load_id
left join report.corrections as corrections
    on (said.ref_area, said.indicator, said.time_period, said.source)
        = (corrections.ref_area, corrections.indicator, corrections.time_period, corrections.source)
        and said.version = corrections.version;
