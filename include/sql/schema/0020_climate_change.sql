-- The change of the climate since 1991 to 2020, and the way back from every table of ratings.

-- Grain: city × climate index × year × source. A year beside the normal of 1991-2020 of the same source, that
-- needs four years in five: WMO Guidelines on the Calculation of Climate Normals (WMO-No. 1203, 2017).
create view report.climate_change as
with
figure as (
    select
        said.ref_area,
        said.indicator,
        said.time_period,
        said.source,
        said.obs_value,
        said.unit_measure
    from core.observation as said
    inner join catalog.indicator as indicator on said.indicator = indicator.indicator
    where indicator.pillar = 'climate' and said.obs_status <> 'F'
),

normal as (
    select
        ref_area,
        indicator,
        source,
        avg(obs_value) as mean_1991_2020,
        count(*)::integer as years_of_30
    from figure
    where time_period between '1991' and '2020'
    group by ref_area, indicator, source
)

select
    figure.ref_area,
    city.name_en as city_name_en,
    city.name_ru as city_name_ru,
    city.name_zh as city_name_zh,
    figure.indicator,
    indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru,
    indicator.name_zh as indicator_name_zh,
    figure.time_period,
    figure.source,
    figure.obs_value,
    figure.unit_measure,
    normal.mean_1991_2020,
    coalesce(normal.years_of_30, 0) as years_of_30,
    case when normal.years_of_30 >= 24 then figure.obs_value - normal.mean_1991_2020 end as change,
    case when normal.years_of_30 >= 24 then null else 'normal_incomplete' end as change_reason
from figure
inner join catalog.ref_area as city on figure.ref_area = city.ref_area
inner join catalog.indicator as indicator on figure.indicator = indicator.indicator
left join normal
    on
        figure.ref_area = normal.ref_area
        and figure.indicator = normal.indicator
        and figure.source = normal.source;

grant select on report.climate_change to researcher;

create or replace function report.explain(report_table text, key jsonb)
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
        when 'observation' then '{ref_area,indicator,time_period,source}'
    end;
begin
    if needed is null then
        raise exception 'report.explain: % is no table that it explains', report_table using hint =
            'It explains rating, rating_pillar, rating_indicator, rating_history, rating_uncertainty, '
            'rank_pairs, rating_sensitivity, rating_coherence, city_profile, data_coverage, source_choice, '
            'revisions, corrections, climate_change and observation.';
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
        select profile.source_ref_area, profile.indicator, profile.time_period, profile.source, profile.version, null
        from report.city_profile as profile
        where
            asked = 'city_profile'
            and profile.ref_area = key ->> 'ref_area'
            and profile.indicator = key ->> 'indicator'
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
            select distinct judged.check_result #>> '{expectation_config,meta,rule}'
            from quality.validation as validation
            cross join lateral jsonb_array_elements(validation.result -> 'results') as judged (check_result)
            where
                validation.load_id = said.load_id
                and validation.suite like '%.rows'
                and judged.check_result #>> '{expectation_config,meta,rule}' <> all(remarked.rules)
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
