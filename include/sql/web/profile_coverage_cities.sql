-- Grain: city. What the latest values of some indicators rest on, as in web/coverage_cities, by the share of
-- the indicators. `statuses`, `bases` and `kinds` say what a value of a status and geographic basis rests
-- on.
with kind as (
    select
        rule.obs_status,
        rule.geo_basis,
        rule.kind,
        basis.city_level
    from unnest(cast(:statuses as text[]), cast(:bases as text[]), cast(:kinds as text[]))
            as rule (obs_status, geo_basis, kind)
    inner join catalog.geo_basis as basis on rule.geo_basis = basis.geo_basis
),

counted as (
    select
        profile.ref_area,
        count(*) filter (where kind.kind = 'own') as own,
        count(*) filter (where kind.kind = 'part') as part,
        count(*) filter (where kind.kind = 'country') as country,
        count(*) filter (where kind.kind = 'estimated') as estimated,
        count(*) filter (where kind.city_level) as city_level,
        count(*) as valued
    from report.city_profile as profile
    inner join kind on profile.obs_status = kind.obs_status and profile.geo_basis = kind.geo_basis
    where profile.indicator = any(:indicators)
    group by profile.ref_area
),

listed as (
    select cardinality(cast(:indicators as text[])) as indicators
),

shared as (
    select
        city.ref_area,
        named.name,
        coalesce(counted.own, 0)::double precision / listed.indicators as share_own,
        coalesce(counted.part, 0)::double precision / listed.indicators as share_part,
        coalesce(counted.country, 0)::double precision / listed.indicators as share_country,
        coalesce(counted.estimated, 0)::double precision / listed.indicators as share_estimated,
        1 - coalesce(counted.valued, 0)::double precision / listed.indicators as share_missing,
        coalesce(counted.city_level, 0)::double precision / listed.indicators as share_city_level
    from catalog.city as city
    inner join core.names_of_cities(:language) as named on city.ref_area = named.ref_area
    cross join listed
    left join counted on city.ref_area = counted.ref_area
),

numbered as (
    select
        shared.*,
        count(*) over () as cities,
        row_number() over (
            order by round(shared.share_city_level::numeric, 9) desc, shared.name asc
        ) as place,
        row_number() over (
            order by
                round(shared.share_missing::numeric, 9) desc,
                round(shared.share_country::numeric, 9) desc,
                shared.name asc
        ) as gap
    from shared
)

select *
from numbered
where place between :before + 1 and :before + :most or gap <= :most
order by place;
