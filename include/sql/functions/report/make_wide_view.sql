-- Creates the wide view of a rating, for spreadsheets: a row for each year and city, a column for each pillar
-- of the newest version of the method. Whoever calls this owns the view.
create function report.make_wide_view(of_rating text) returns void
language plpgsql set search_path = '' as $$
declare
    document jsonb;
    pillars text;
begin
    select method.document into strict document from catalog.method as method where method.rating = of_rating
    order by method.known_from desc
    limit 1;
    select string_agg(
        format('max(pillar.score) filter (where pillar.pillar = %1$L) as %1$I', part ->> 'id'),
        ', ' order by place
    ) into pillars
    from jsonb_array_elements(document -> 'pillars') with ordinality as listed (part, place);
    perform report.drop_wide_view(of_rating);
    execute format(
        $view$
        create view report.%I as
        select
            rating.time_period as year, rating.city_name_en, rating.city_name_ru, rating.city_name_zh,
            country.name_en as country_name_en, country.name_ru as country_name_ru,
            country.name_zh as country_name_zh, rating.score, rating.rank, rating.rank_p05, rating.rank_p95,
            rating.coverage, rating.city_level_share, pillars.*
        from report.rating as rating
        inner join catalog.ref_area as country on rating.country = country.ref_area
        cross join lateral (
            select %s from report.rating_pillar as pillar
            where (rating.rating, rating.time_period, rating.ref_area)
                = (pillar.rating, pillar.time_period, pillar.ref_area)
        ) as pillars
        where rating.rating = %L
        order by rating.time_period desc, rating.rank asc, rating.city_name_en asc
        $view$,
        'wide_' || of_rating, pillars, of_rating
    );
    execute format('comment on view report.%I is %L', 'wide_' || of_rating, document #>> '{name,en}');
    execute format('grant select on report.%I to researcher', 'wide_' || of_rating);
end
$$;
revoke execute on function report.make_wide_view(text) from public;
