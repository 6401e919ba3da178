-- Ratings of any depth, how sure their ranks are, what they depend on, and how they went over the years.

alter table report.rating
add column score_arithmetic double precision,
add column score_geometric double precision,
add column league text,
add column rank_in_league integer,
add column imputed_share double precision,
add column rank_p05 double precision,
add column rank_median double precision,
add column rank_p95 double precision,
add column p_top3 double precision check (p_top3 between 0 and 1),
add column p_top10 double precision check (p_top10 between 0 and 1);

alter table report.edition_rating
add column score_arithmetic double precision,
add column score_geometric double precision,
add column league text,
add column rank_in_league integer,
add column imputed_share double precision,
add column rank_p05 double precision,
add column rank_median double precision,
add column rank_p95 double precision,
add column p_top3 double precision,
add column p_top10 double precision;

alter table report.rating_pillar
add column parent text,
add column weight_effective double precision,
add column rank integer;

alter table report.edition_rating_pillar
add column parent text,
add column weight_effective double precision,
add column rank integer;

alter table report.rating_indicator
alter column goalpost_worst drop not null,
alter column goalpost_best drop not null,
add column treated_value double precision,
add column treatment text,
add column strength_rank integer,
add column gap_to_best double precision;

alter table report.edition_rating_indicator
alter column goalpost_worst drop not null,
alter column goalpost_best drop not null,
add column treated_value double precision,
add column treatment text,
add column strength_rank integer,
add column gap_to_best double precision;

-- Grain: event. A rating that was given up, or taken up again; without an event it has been there always.
create table catalog.rating_listed (
    rating text not null,
    changed_at timestamptz not null,
    listed boolean not null,
    primary key (rating, changed_at)
);

create trigger append_only before update or delete or truncate on catalog.rating_listed
for each statement execute function core.refuse_change();

-- The seed is the method's; a method without random draws has none.
alter table report.edition
alter column seed drop not null;

-- Grain: rating × year × scenario × city. One step of the method otherwise, all else as declared.
create table report.rating_uncertainty (
    rating text not null,
    time_period text collate "C" not null,
    scenario text not null,
    ref_area text not null,
    score double precision,
    rank integer,
    primary key (rating, time_period, scenario, ref_area)
);

-- Grain: rating × year × ordered pair of ranked cities.
create table report.rank_pairs (
    rating text not null,
    time_period text collate "C" not null,
    ref_area text not null,
    other_ref_area text not null check (other_ref_area <> ref_area),
    p_above double precision not null check (p_above between 0 and 1),
    tied boolean not null,
    primary key (rating, time_period, ref_area, other_ref_area)
);

-- Grain: rating × year × factor, or indicator or pillar left out.
create table report.rating_sensitivity (
    rating text not null,
    time_period text collate "C" not null,
    kind text not null check (kind in ('factor', 'left_out')),
    factor text not null,
    s1 double precision,
    s1_conf double precision,
    st double precision,
    st_conf double precision,
    mean_abs_rank_shift double precision not null,
    primary key (rating, time_period, kind, factor)
);

-- Grain: rating × year × statistic of a pillar, of a part of it or of two; empty text stands for no part.
create table report.rating_coherence (
    rating text not null,
    time_period text collate "C" not null,
    pillar text not null,
    part text not null,
    other text not null,
    statistic text not null,
    value double precision,
    p_value double precision,
    threshold double precision,
    flag text check (flag in ('negative', 'redundant', 'unreliable', 'against_its_pillar')),
    primary key (rating, time_period, pillar, part, other, statistic)
);

-- Grain: rating × method version × draw. What was varied in each draw, the same in every year.
create table report.rating_draw (
    rating text not null,
    method_version text not null,
    draw integer not null,
    parameters jsonb not null,
    primary key (rating, method_version, draw),
    foreign key (rating, method_version) references catalog.method
);

-- Grain: rating × year × city. Each year beside the one before; they can be compared if they were made by the
-- same version of the method from the same indicators.
create view report.rating_history as
with
used as (
    select
        rating,
        time_period,
        ref_area,
        array_agg(indicator order by indicator) filter (where normalised is not null) as indicators
    from report.rating_indicator
    group by rating, time_period, ref_area
)

select
    this.rating,
    this.time_period,
    this.ref_area,
    this.city_name_en,
    this.city_name_ru,
    this.city_name_zh,
    this.score,
    this.rank,
    this.n_ranked,
    before.score as score_prev,
    before.rank as rank_prev,
    this.score - before.score as score_change,
    -- Upwards is positive.
    before.rank - this.rank as rank_change,
    before.method_version = this.method_version
    and used_before.indicators = used.indicators as comparable_with_prev
from report.rating as this
inner join used
    on
        this.rating = used.rating
        and this.time_period = used.time_period
        and this.ref_area = used.ref_area
left join report.rating as before
    on
        this.rating = before.rating
        and this.ref_area = before.ref_area
        and before.time_period = (this.time_period::integer - 1)::text
left join used as used_before
    on
        before.rating = used_before.rating
        and before.time_period = used_before.time_period
        and before.ref_area = used_before.ref_area;

-- A row a year and city with a column a pillar: what somebody with a spreadsheet wants. The pillars are those
-- of the newest version of the method. It is owned by whoever calls this.
create function report.make_plain_view(of_rating text) returns void
language plpgsql set search_path = '' as $$
declare
    document jsonb;
    pillars text;
begin
    select method.document into strict document
    from catalog.method as method
    where method.rating = of_rating
    order by method.known_from desc
    limit 1;
    select
        string_agg(
            format(
                'max(pillar.score) filter (where pillar.pillar = %1$L) as %1$I', part ->> 'id'
            ), ', ' order by place
        )
    into pillars
    from jsonb_array_elements(document -> 'pillars') with ordinality as listed (part, place);
    perform report.drop_plain_view(of_rating);
    execute format(
        $view$
        create view report.%I as
        select
            rating.time_period as year,
            rating.city_name_en,
            rating.city_name_ru,
            rating.city_name_zh,
            country.name_en as country_name_en,
            country.name_ru as country_name_ru,
            country.name_zh as country_name_zh,
            rating.score,
            rating.rank,
            rating.rank_p05,
            rating.rank_p95,
            rating.coverage,
            rating.city_level_share,
            pillars.*
        from report.rating as rating
        inner join catalog.ref_area as country on rating.country = country.ref_area
        cross join lateral (
            select %s
            from report.rating_pillar as pillar
            where
                rating.rating = pillar.rating
                and rating.time_period = pillar.time_period
                and rating.ref_area = pillar.ref_area
        ) as pillars
        where rating.rating = %L
        order by rating.time_period desc, rating.rank asc, rating.city_name_en asc
        $view$,
        'plain_' || of_rating, pillars, of_rating
    );
    execute format('comment on view report.%I is %L', 'plain_' || of_rating, document #>> '{name,en}');
    execute format('grant select on report.%I to researcher', 'plain_' || of_rating);
end
$$;

create function report.drop_plain_view(of_rating text) returns void
language plpgsql set search_path = '' as $$
begin
    execute format('drop view if exists report.%I', 'plain_' || of_rating);
end
$$;

revoke execute on function report.make_plain_view(text), report.drop_plain_view(text) from public;

grant select on
report.rating_uncertainty,
report.rank_pairs,
report.rating_sensitivity,
report.rating_coherence,
report.rating_draw,
report.rating_history
to researcher;

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
        when 'observation' then '{ref_area,indicator,time_period,source}'
    end;
begin
    if needed is null then
        raise exception 'report.explain: % is no table that it explains', report_table using hint =
            'It explains rating, rating_pillar, rating_indicator, rating_history, rating_uncertainty, '
            'rank_pairs, rating_sensitivity, rating_coherence, city_profile, data_coverage, source_choice, '
            'revisions, corrections and observation.';
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
