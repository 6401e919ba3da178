-- From a figure in a report to the bytes it came from; which of several sources was chosen; what was revised.

-- Grain: city × indicator × period × source. The order in which reports prefer the figures that a city may
-- use, its own and its country's, observed and in the indicator's unit.
create view report.source_choice as
with
place as (
    select
        city.ref_area as city,
        place.ref_area
    from catalog.city as city
    cross join lateral (values (city.ref_area), (city.country)) as place (ref_area)
),

candidate as (
    select
        observation.*,
        place.city,
        row_number() over each_figure as preference,
        count(*) over whole as candidates,
        max(observation.obs_value) over whole - min(observation.obs_value) over whole as distance,
        first_value(observation.obs_value) over each_figure as chosen_value
    from place
    inner join core.observation as observation on place.ref_area = observation.ref_area
    inner join catalog.indicator as indicator
        on
            observation.indicator = indicator.indicator
            and observation.unit_measure = indicator.unit_measure
    inner join catalog.source as source on observation.source = source.source
    inner join catalog.geo_basis as basis on observation.geo_basis = basis.geo_basis
    where observation.obs_status <> 'F'
    window
        whole as (partition by place.city, observation.indicator, observation.time_period),
        each_figure as (
            partition by place.city, observation.indicator, observation.time_period
            order by basis.preference, source.precedence, observation.source
        )
)

select
    candidate.city as ref_area,
    city.name_en as city_name_en,
    city.name_ru as city_name_ru,
    city.name_zh as city_name_zh,
    candidate.indicator,
    indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru,
    indicator.name_zh as indicator_name_zh,
    candidate.time_period,
    candidate.preference,
    candidate.source,
    candidate.geo_basis,
    candidate.ref_area as source_ref_area,
    candidate.obs_value,
    candidate.unit_measure,
    candidate.obs_status,
    candidate.version,
    candidate.known_from,
    candidate.candidates,
    candidate.preference = 1 as chosen,
    candidate.obs_value / nullif(candidate.chosen_value, 0) - 1 as difference_to_chosen,
    candidate.distance / nullif(abs(candidate.chosen_value), 0) as spread
from candidate
inner join catalog.ref_area as city on candidate.city = city.ref_area
inner join catalog.indicator as indicator on candidate.indicator = indicator.indicator;

-- Grain: version of a figure after its first.
create view report.revisions as
with
change as (
    select
        later.ref_area,
        later.indicator,
        later.time_period,
        later.source,
        later.version,
        earlier.obs_value as value_before,
        later.obs_value as value_after,
        earlier.unit_measure as unit_before,
        later.unit_measure as unit_after,
        earlier.obs_status as status_before,
        later.obs_status as status_after,
        earlier.geo_basis as basis_before,
        later.geo_basis as basis_after,
        earlier.known_from as known_before_from,
        later.known_from,
        later.load_id,
        case
            when later.unit_measure = earlier.unit_measure
                then later.obs_value / nullif(earlier.obs_value, 0) - 1
        end as relative_change
    from core.observation_version as later
    inner join core.observation_version as earlier
        on
            later.indicator = earlier.indicator
            and later.time_period = earlier.time_period
            and later.ref_area = earlier.ref_area
            and later.source = earlier.source
            and later.version = earlier.version + 1
    where later.version > 1
),

used as (
    select
        used.source_ref_area,
        used.indicator,
        used.raw_time_period,
        used.source,
        array_agg(distinct used.rating || ' ' || used.time_period) as ratings,
        array_agg(distinct used.ref_area) as cities
    from report.rating_indicator as used
    group by used.source_ref_area, used.indicator, used.raw_time_period, used.source
)

select
    change.ref_area,
    place.name_en as place_name_en,
    place.name_ru as place_name_ru,
    place.name_zh as place_name_zh,
    change.indicator,
    indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru,
    indicator.name_zh as indicator_name_zh,
    change.time_period,
    change.source,
    change.version,
    change.value_before,
    change.value_after,
    change.unit_before,
    change.unit_after,
    change.status_before,
    change.status_after,
    change.basis_before,
    change.basis_after,
    change.relative_change,
    change.known_before_from,
    change.known_from,
    change.load_id,
    case
        when change.value_after is null then 'withdrawn'
        when change.value_before is null then 'restored'
        when change.unit_after <> change.unit_before then 'unit'
        when change.value_after = change.value_before then 'flag'
        when change.relative_change is null then 'from_zero'
        when abs(change.relative_change) < 0.01 then 'below_1_percent'
        when abs(change.relative_change) < 0.1 then 'below_10_percent'
        else 'above_10_percent'
    end as size_class,
    coalesce(used.ratings, '{}') as ratings_moved,
    coalesce(used.cities, '{}') as cities_moved
from change
inner join catalog.ref_area as place on change.ref_area = place.ref_area
inner join catalog.indicator as indicator on change.indicator = indicator.indicator
left join used
    on
        change.ref_area = used.source_ref_area
        and change.indicator = used.indicator
        and change.time_period = used.raw_time_period
        and change.source = used.source;

-- Every figure behind a row of a report, with its way back to the bytes. `report_table` is a table of schema
-- report, or observation; `key` names the row by the columns of its grain. A rating may be asked for as a
-- whole, by pillar or by indicator.
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
        when 'rating_pillar' then '{rating,time_period,ref_area,pillar}'
        when 'rating_indicator' then '{rating,time_period,ref_area,indicator}'
        when 'city_profile' then '{ref_area,indicator}'
        when 'data_coverage' then '{indicator,time_period,source,geo_basis}'
        when 'source_choice' then '{ref_area,indicator,time_period,source}'
        when 'revisions' then '{ref_area,indicator,time_period,source,version}'
        when 'corrections' then '{ref_area,indicator,time_period,source,version}'
        when 'observation' then '{ref_area,indicator,time_period,source}'
    end;
begin
    if needed is null then
        raise exception 'report.explain: % is no table that it explains', report_table using hint =
            'It explains rating, rating_pillar, rating_indicator, city_profile, data_coverage, source_choice, '
            'revisions, corrections and observation.';
    end if;
    if not (key ?& needed and needed @> array(select jsonb_object_keys(key))) then
        raise exception 'report.explain: a row of % is named by %, not by %', report_table, needed,
            array(select jsonb_object_keys(key));
    end if;
    return query
    with
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
            asked in ('rating', 'rating_pillar', 'rating_indicator')
            and used.version is not null
            and used.rating = key ->> 'rating'
            and used.time_period = key ->> 'time_period'
            and used.ref_area = key ->> 'ref_area'
            and used.pillar = coalesce(key ->> 'pillar', used.pillar)
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
            asked in ('data_coverage', 'observation')
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

revoke execute on function report.explain(text, jsonb) from public;
grant execute on function report.explain(text, jsonb) to researcher, steward;
