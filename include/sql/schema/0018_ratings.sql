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
add column denominator text,
add column denominator_value double precision,
add column denominator_time_period text,
add column denominator_source text,
add column denominator_source_ref_area text,
add column denominator_version integer,
add column strength_rank integer,
add column gap_to_best double precision;

alter table report.edition_rating_indicator
alter column goalpost_worst drop not null,
alter column goalpost_best drop not null,
add column treated_value double precision,
add column treatment text,
add column denominator text,
add column denominator_value double precision,
add column denominator_time_period text,
add column denominator_source text,
add column denominator_source_ref_area text,
add column denominator_version integer,
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
