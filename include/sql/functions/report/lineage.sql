-- The underlying observations of a row of a report, with their provenance down to the archived file. It runs
-- as its owner: researchers read ledger and archive only through it.
create function report.lineage(report_table text, key jsonb)
returns table (
    ref_area text, indicator text, time_period text, source text, version integer,
    obs_value double precision, unit_measure text, obs_status text, geo_basis text,
    value_as_published text, unit_as_published text, contribution double precision, known_from timestamptz,
    load_id bigint, dag_id text, run_id text, published_at timestamptz,
    accepted_by text, accepted_because text,
    url text, fetched_at timestamptz, sha256 text, byte_count bigint, pointer text,
    file_state text, file_verified_at timestamptz,
    rules_passed text[], warnings text[], correction text,
    publisher text, licence text, licence_url text, citation text
)
language sql stable security definer set search_path = '' as $$
    with found as materialized (
        select origin.*, underlying.contribution
        from report.underlying_observations(report_table, key) as underlying
        inner join core.origin as origin using (ref_area, indicator, time_period, source, version)
    )
    select
        found.ref_area, found.indicator, found.time_period, found.source, found.version,
        found.obs_value, found.unit_measure, found.obs_status, found.geo_basis,
        found.value_as_published, found.unit_as_published, found.contribution, found.known_from,
        found.load_id, found.dag_id, found.run_id, found.published_at,
        found.accepted_by, found.accepted_because,
        found.url, found.fetched_at, found.sha256, found.byte_count, found.pointer,
        lost.file_state, lost.verified_at,
        array(
            select rule from unnest(checked.rules) as rule where rule <> all(found.warned_by) order by rule
        ),
        found.warnings, found.correction,
        found.publisher, found.licence, found.licence_url, found.citation
    from found
    -- Called once for all loads: a row of a research table has observations of hundreds of places and years.
    left join quality.rules_checked(array(select load_id from found)) as checked using (load_id)
    left join archive.lost_file as lost using (sha256)
    order by found.contribution desc nulls last, found.indicator, found.ref_area, found.source
$$;
revoke execute on function report.lineage(text, jsonb) from public;
grant execute on function report.lineage(text, jsonb) to researcher, steward;
