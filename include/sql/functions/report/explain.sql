-- The trend beside a figure is that of its own source, basis and unit, and so is what explains it.
create function report.explain(report_table text, key jsonb)
returns table (
    ref_area text,
    indicator text,
    time_period text,
    source text,
    version integer,
    obs_value double precision,
    unit_measure text,
    obs_status text,
    geo_basis text,
    value_as_published text,
    unit_as_published text,
    contribution double precision,
    known_from timestamptz,
    load_id bigint,
    dag_id text,
    run_id text,
    published_at timestamptz,
    accepted_by text,
    accepted_because text,
    url text,
    fetched_at timestamptz,
    sha256 text,
    byte_count bigint,
    pointer text,
    rules_passed text[],
    remarks text[],
    correction text,
    publisher text,
    licence text,
    licence_url text,
    citation text
)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
    asked text := regexp_replace(report_table, '^(report|core)\.', '');
    needed text[] := case asked
        when 'rating' then '{rating,time_period,ref_area}'
        when 'rating_history' then '{rating,time_period,ref_area}'
        when 'rating_uncertainty' then '{rating,time_period,scenario,ref_area}'
        when 'rank_pairs' then '{rating,time_period,ref_area,other_ref_area}'
        when 'rating_sensitivity' then '{rating,time_period,kind,factor}'
        when 'rating_coherence' then '{rating,time_period,pillar,part,other,statistic}'
        when 'rating_pillar' then '{rating,time_period,ref_area,pillar}'
        when 'rating_indicator' then '{rating,time_period,ref_area,indicator}'
        when 'city_profile' then '{ref_area,indicator}'
        when 'data_coverage' then '{indicator,time_period,source,geo_basis}'
        when 'source_choice' then '{ref_area,indicator,time_period,source}'
        when 'revisions' then '{ref_area,indicator,time_period,source,version}'
        when 'corrections' then '{ref_area,indicator,time_period,source,version}'
        when 'climate_change' then '{ref_area,indicator,time_period,source}'
        when 'trend' then '{indicator,ref_area,time_window}'
        when 'convergence' then '{indicator,city_group,level,time_window}'
        when 'city_system' then '{indicator,city_group,level,time_period}'
        when 'megatrend' then '{megatrend,city_group,level,time_window}'
        when 'pair_comparison' then '{ref_area,other_ref_area,indicator}'
        when 'city_peer' then '{ref_area,peer_ref_area}'
        when 'peer_comparison' then '{ref_area,indicator}'
        when 'case_evidence' then '{case_id}'
        when 'observation' then '{ref_area,indicator,time_period,source}'
    end;
begin
    if needed is null then
        raise exception 'report.explain: % is no table that it explains', report_table using hint =
            'It explains rating, rating_pillar, rating_indicator, rating_history, rating_uncertainty, '
            'rank_pairs, rating_sensitivity, rating_coherence, city_profile, data_coverage, source_choice, '
            'revisions, corrections, climate_change, trend, convergence, city_system, megatrend, '
            'pair_comparison, city_peer, peer_comparison, case_evidence and observation.';
    end if;
    if not (key ?& needed and needed @> array(select jsonb_object_keys(key))) then
        raise exception 'report.explain: a row of % is named by %, not by %', report_table, needed,
            array(select jsonb_object_keys(key));
    end if;
    return query
    with recursive
    -- A pillar and those below it.
    below as (
        select key ->> 'pillar' as pillar
        where asked = 'rating_pillar'
        union
        select part.pillar
        from report.rating_pillar as part
        inner join below on part.parent = below.pillar
        where
            part.rating = key ->> 'rating'
            and part.time_period = key ->> 'time_period'
            and part.ref_area = key ->> 'ref_area'
    ),

    -- The series of single places that a row of the research was made of, from one year to another.
    series as (
        select made.*
        from report.trend as made
        where
            asked = 'trend'
            and made.indicator = key ->> 'indicator'
            and made.ref_area = key ->> 'ref_area'
            and made.time_window = key ->> 'time_window'
        union all
        select made.*
        from report.megatrend as whole
        inner join report.trend as made
            on
                whole.time_window = made.time_window
                and made.indicator = any(whole.indicators)
                and made.ref_area = any(whole.places_with_trends)
        where
            asked = 'megatrend'
            and whole.megatrend = key ->> 'megatrend'
            and whole.city_group = key ->> 'city_group'
            and whole.level = key ->> 'level'
            and whole.time_window = key ->> 'time_window'
        union all
        -- The trend beside each figure: that of the window with most years.
        (
            select distinct on (made.ref_area) made.*
            from report.city_profile as profile
            inner join report.trend as made
                on
                    profile.source_ref_area = made.ref_area
                    and profile.indicator = made.indicator
                    and profile.source = made.source
                    and profile.geo_basis = made.geo_basis
                    and profile.unit_measure = made.unit_measure
            where
                asked = 'pair_comparison'
                and profile.ref_area in (key ->> 'ref_area', key ->> 'other_ref_area')
                and profile.indicator = key ->> 'indicator'
            order by made.ref_area asc, made.n desc, made.time_window asc
        )
    ),

    stretch as (
        select
            series.indicator,
            series.ref_area,
            series.source,
            series.geo_basis,
            series.unit_measure,
            series.first_year,
            series.last_year,
            null::integer as but
        from series
        union all
        select
            whole.indicator,
            made.ref_area,
            made.source,
            made.geo_basis,
            made.unit_measure,
            whole.first_year,
            whole.last_year,
            null
        from report.convergence as whole
        inner join report.trend as made
            on
                whole.indicator = made.indicator
                and whole.time_window = made.time_window
                and made.ref_area = any(whole.compared_places)
        where
            asked = 'convergence'
            and whole.indicator = key ->> 'indicator'
            and whole.city_group = key ->> 'city_group'
            and whole.level = key ->> 'level'
            and whole.time_window = key ->> 'time_window'
        union
        -- A series is the same in all windows.
        select
            whole.indicator,
            made.ref_area,
            made.source,
            made.geo_basis,
            made.unit_measure,
            whole.time_period::integer,
            whole.time_period::integer,
            null
        from report.city_system as whole
        inner join report.trend as made
            on whole.indicator = made.indicator and made.ref_area = any(whole.counted_places)
        where
            asked = 'city_system'
            and whole.indicator = key ->> 'indicator'
            and whole.city_group = key ->> 'city_group'
            and whole.level = key ->> 'level'
            and whole.time_period = key ->> 'time_period'
        union all
        select
            whole.indicator,
            place.ref_area,
            whole.source,
            whole.geo_basis,
            whole.unit_measure,
            whole.first_year,
            whole.last_year,
            whole.start_year
        from report.case_evidence as whole
        cross join unnest(whole.peer_cities || whole.ref_area) as place (ref_area)
        where asked = 'case_evidence' and whole.case_id = key ->> 'case_id'
    ),

    -- The cities and indicators whose figures of the city profile a row compares.
    profiled as (
        select key ->> 'ref_area' as ref_area, key ->> 'indicator' as indicator
        where asked in ('city_profile', 'pair_comparison', 'peer_comparison')
        union all
        select key ->> 'other_ref_area', key ->> 'indicator'
        where asked = 'pair_comparison'
        union all
        select peer.peer_ref_area, key ->> 'indicator'
        from report.city_peer as peer
        where asked = 'peer_comparison' and peer.ref_area = key ->> 'ref_area'
        union all
        select city.ref_area, feature.indicator
        from report.city_peer as peer
        cross join unnest(peer.features) as feature (indicator)
        cross join unnest(array[peer.ref_area, peer.peer_ref_area]) as city (ref_area)
        where
            asked = 'city_peer'
            and peer.ref_area = key ->> 'ref_area'
            and peer.peer_ref_area = key ->> 'peer_ref_area'
    ),

    figure as (
        select
            used.source_ref_area as ref_area,
            used.indicator,
            used.raw_time_period as time_period,
            used.source,
            used.version,
            used.contribution
        from report.rating_indicator as used
        where
            (asked like 'rating%' or asked = 'rank_pairs')
            and used.version is not null
            and used.rating = key ->> 'rating'
            and used.time_period = key ->> 'time_period'
            -- Of a statement on the whole rating, the figures of all cities.
            and (not key ? 'ref_area' or used.ref_area in (key ->> 'ref_area', key ->> 'other_ref_area'))
            and (asked <> 'rating_pillar' or used.pillar in (select below.pillar from below))
            and used.indicator = coalesce(key ->> 'indicator', used.indicator)
        union all
        select distinct
            used.denominator_source_ref_area,
            used.denominator,
            used.denominator_time_period,
            used.denominator_source,
            used.denominator_version,
            null::double precision
        from report.rating_indicator as used
        where
            (asked like 'rating%' or asked = 'rank_pairs')
            and used.denominator_version is not null
            and used.rating = key ->> 'rating'
            and used.time_period = key ->> 'time_period'
            and (not key ? 'ref_area' or used.ref_area in (key ->> 'ref_area', key ->> 'other_ref_area'))
            and (asked <> 'rating_pillar' or used.pillar in (select below.pillar from below))
            and used.indicator = coalesce(key ->> 'indicator', used.indicator)
        union all
        (
            select
                profile.source_ref_area,
                profile.indicator,
                profile.time_period,
                profile.source,
                profile.version,
                null::double precision
            from profiled
            inner join report.city_profile as profile
                on profiled.ref_area = profile.ref_area and profiled.indicator = profile.indicator
            union
            select said.ref_area, said.indicator, said.time_period, said.source, said.version, null::double precision
            from stretch
            inner join core.observation as said
                on
                    stretch.indicator = said.indicator
                    and stretch.ref_area = said.ref_area
                    and stretch.source = said.source
                    and stretch.geo_basis = said.geo_basis
                    and stretch.unit_measure = said.unit_measure
            where
                said.freq = 'A'
                and said.obs_status <> 'F'
                and said.time_period between stretch.first_year::text and stretch.last_year::text
                and said.time_period is distinct from stretch.but::text
        )
        union all
        select choice.source_ref_area, choice.indicator, choice.time_period, choice.source, choice.version, null
        from report.source_choice as choice
        where
            asked = 'source_choice'
            and choice.ref_area = key ->> 'ref_area'
            and choice.indicator = key ->> 'indicator'
            and choice.time_period = key ->> 'time_period'
            and choice.source = key ->> 'source'
        union all
        select said.ref_area, said.indicator, said.time_period, said.source, said.version, null
        from core.observation as said
        where
            asked in ('data_coverage', 'observation', 'climate_change')
            and said.indicator = key ->> 'indicator'
            and said.time_period = key ->> 'time_period'
            and said.source = key ->> 'source'
            and said.ref_area = coalesce(key ->> 'ref_area', said.ref_area)
            and said.geo_basis = coalesce(key ->> 'geo_basis', said.geo_basis)
        union all
        select key ->> 'ref_area', key ->> 'indicator', key ->> 'time_period', key ->> 'source', (key ->> 'version')::integer, null
        where asked in ('revisions', 'corrections')
    ),

    -- Once a load: a row of the research has figures of hundreds of places and years.
    passed as materialized (
        select distinct validation.load_id, judged.check_result #>> '{expectation_config,meta,rule}' as rule
        from quality.validation as validation
        cross join lateral jsonb_array_elements(validation.result -> 'results') as judged (check_result)
        where
            validation.suite like '%.rows'
            and validation.load_id in (
                select said.load_id
                from figure
                inner join core.observation_version as said
                    on
                        figure.indicator = said.indicator
                        and figure.time_period = said.time_period
                        and figure.ref_area = said.ref_area
                        and figure.source = said.source
                        and figure.version = said.version
            )
    )

    select
        said.ref_area,
        said.indicator,
        said.time_period,
        said.source,
        said.version,
        said.obs_value,
        said.unit_measure,
        said.obs_status,
        said.geo_basis,
        said.value_as_published,
        said.unit_as_published,
        figure.contribution,
        said.known_from,
        said.load_id,
        load.dag_id,
        load.run_id,
        load.published_at,
        override.accepted_by,
        override.reason,
        fetched.url,
        fetched.fetched_at,
        fetched.sha256,
        snapshot.byte_count,
        said.pointer,
        array(
            select passed.rule
            from passed
            where passed.load_id = said.load_id and passed.rule <> all(remarked.rules)
            order by 1
        ),
        remarked.reasons,
        told.correction,
        source.publisher,
        source.licence,
        source.licence_url,
        concat_ws(
            ' ', source.attribution, fetched.url,
            '(fetched ' || to_char(fetched.fetched_at at time zone 'UTC', 'YYYY-MM-DD') || ')'
        )
    from figure
    inner join core.observation_version as said
        on
            figure.indicator = said.indicator
            and figure.time_period = said.time_period
            and figure.ref_area = said.ref_area
            and figure.source = said.source
            and figure.version = said.version
    inner join ops.load as load on said.load_id = load.load_id
    inner join catalog.source as source on said.source = source.source
    left join archive.fetch_event as fetched on said.fetch_id = fetched.fetch_id
    left join archive.snapshot as snapshot on fetched.sha256 = snapshot.sha256
    left join ops.load_override as override on said.load_id = override.load_id
    left join report.corrections as told
        on
            said.ref_area = told.ref_area
            and said.indicator = told.indicator
            and said.time_period = told.time_period
            and said.source = told.source
            and said.version = told.version
    cross join lateral (
        select
            coalesce(array_agg(remark.rule), '{}') as rules,
            coalesce(array_agg(remark.reason order by remark.rule), '{}') as reasons
        from quality.remark as remark
        where
            remark.load_id = said.load_id
            and remark.ref_area = said.ref_area
            and remark.indicator = said.indicator
            and remark.time_period = said.time_period
    ) as remarked
    order by figure.contribution desc nulls last, said.indicator, said.ref_area, said.source;
end
$$;

revoke execute on function report.explain(text, jsonb) from public;
grant execute on function report.explain(text, jsonb) to researcher, steward;
