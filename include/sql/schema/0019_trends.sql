-- The products of the joint research. Grain of each table: its primary key.

create table report.trend (
    indicator text not null,
    indicator_name_en text not null,
    indicator_name_ru text not null,
    indicator_name_zh text not null,
    ref_area text not null,
    place_name_en text not null,
    place_name_ru text not null,
    place_name_zh text not null,
    time_window text not null,
    window_name_en text not null,
    window_name_ru text not null,
    window_name_zh text not null,
    unit_measure text not null,
    geo_basis text not null,
    source text not null,
    n integer not null,
    first_year integer,
    last_year integer,
    first_value double precision,
    last_value double precision,
    split_year integer,
    projections integer not null,
    estimated integer not null,
    is_short boolean not null,
    is_even boolean,
    autocorrelation double precision,
    is_autocorrelated boolean,
    cagr double precision,
    log_growth double precision,
    growth_reason text,
    slope double precision,
    slope_low double precision,
    slope_high double precision,
    slope_reason text,
    mk_s double precision,
    mk_z double precision,
    mk_p double precision,
    mk_tau double precision,
    mk_z_corrected double precision,
    mk_p_corrected double precision,
    q_value double precision,
    trend text check (trend in ('increasing', 'decreasing', 'none_found')),
    trend_reason text,
    pettitt_year integer,
    pettitt_p double precision,
    shift_years integer[],
    break_reason text,
    primary key (indicator, ref_area, time_window),
    constraint growth_or_reason check ((log_growth is null) = (growth_reason is not null)),
    constraint slope_or_reason check ((slope is null) = (slope_reason is not null)),
    constraint trend_or_reason check ((trend is null) = (trend_reason is not null)),
    constraint break_or_reason check ((pettitt_p is null) = (break_reason is not null))
);

create table report.convergence (
    indicator text not null,
    indicator_name_en text not null,
    indicator_name_ru text not null,
    indicator_name_zh text not null,
    city_group text not null,
    group_name_en text not null,
    group_name_ru text not null,
    group_name_zh text not null,
    level text not null check (level in ('city', 'country')),
    time_window text not null,
    window_name_en text not null,
    window_name_ru text not null,
    window_name_zh text not null,
    first_year integer not null,
    last_year integer not null,
    years integer not null,
    places integer not null,
    places_left_out integer not null,
    sigma_first double precision,
    sigma_last double precision,
    sigma_slope double precision,
    sigma_mk_z double precision,
    sigma_mk_p double precision,
    sigma_mk_p_corrected double precision,
    sigma_reason text,
    beta double precision,
    beta_se double precision,
    beta_p double precision,
    beta_se_hc1 double precision,
    beta_p_hc1 double precision,
    r2 double precision,
    speed double precision,
    half_life double precision,
    beta_reason text,
    gini_first double precision,
    gini_last double precision,
    theil_first double precision,
    theil_last double precision,
    inequality_reason text,
    rank_kendall double precision,
    rank_spearman double precision,
    rank_reason text,
    primary key (indicator, city_group, level, time_window),
    constraint sigma_or_reason check ((sigma_mk_p is null) = (sigma_reason is not null)),
    constraint half_life_or_reason check ((half_life is null) = (beta_reason is not null)),
    constraint inequality_or_reason check ((gini_first is null) = (inequality_reason is not null)),
    constraint ranks_or_reason check ((rank_kendall is null) = (rank_reason is not null))
);

create table report.city_system (
    indicator text not null,
    indicator_name_en text not null,
    indicator_name_ru text not null,
    indicator_name_zh text not null,
    city_group text not null,
    group_name_en text not null,
    group_name_ru text not null,
    group_name_zh text not null,
    level text not null check (level in ('city', 'country')),
    time_period text collate "C" not null,
    places integer not null,
    total double precision not null,
    gini double precision,
    theil double precision,
    hhi double precision,
    primacy_two double precision,
    primacy_share double precision,
    primacy_four double precision,
    sigma double precision,
    variation double precision,
    size_reason text,
    zipf_exponent double precision,
    zipf_se double precision,
    zipf_places integer,
    zipf_reason text,
    primary key (indicator, city_group, level, time_period),
    constraint measures_or_reason check ((gini is null) = (size_reason is not null)),
    constraint zipf_or_reason check ((zipf_exponent is null) = (zipf_reason is not null))
);

-- SHA-256 of what the products of the research were declared by; null before they were made.
alter table ops.report_refresh
add column research_declaration text;

-- Grain: city × nearest neighbour, by the features of include/catalog/peers.yaml.
create table report.city_peer (
    ref_area text not null,
    city_name_en text not null,
    city_name_ru text not null,
    city_name_zh text not null,
    peer_ref_area text not null,
    peer_name_en text not null,
    peer_name_ru text not null,
    peer_name_zh text not null,
    position integer not null check (position > 0),
    distance double precision not null,
    features text[] not null,
    primary key (ref_area, peer_ref_area),
    unique (ref_area, position)
);

-- Grain: megatrend × group × level × window. What the trends of places say of the megatrends declared.
create table report.megatrend (
    megatrend text not null,
    megatrend_name_en text not null,
    megatrend_name_ru text not null,
    megatrend_name_zh text not null,
    megatrend_direction text not null,
    direction_name_en text not null,
    direction_name_ru text not null,
    direction_name_zh text not null,
    draft boolean not null,
    city_group text not null,
    group_name_en text not null,
    group_name_ru text not null,
    group_name_zh text not null,
    level text not null check (level in ('city', 'country')),
    time_window text not null,
    window_name_en text not null,
    window_name_ru text not null,
    window_name_zh text not null,
    indicators text[] not null,
    places_of_group integer not null,
    places_judged integer not null,
    places_for integer not null,
    places_against integer not null,
    coverage double precision not null,
    strength double precision,
    verdict text check (verdict in ('confirmed', 'contradicted', 'unclear')),
    verdict_reason text,
    leading_places text[] not null,
    lagging_places text[] not null,
    cases text[] not null,
    primary key (megatrend, city_group, level, time_window),
    constraint verdict_or_reason check ((verdict is null) = (verdict_reason is not null))
);

-- Grain: city × other city × indicator that one of them has a figure of. Two figures are comparable if they
-- have one unit, basis and source, at most three years lie between them, as ratings allow, and both are of
-- the city itself.
create view report.pair_comparison as
with
figure as (
    select
        profile.*,
        indicator.direction,
        basis.city_level,
        case indicator.direction
            when 'higher' then rank() over downwards
            when 'lower' then rank() over upwards
        end as place,
        case when indicator.direction <> 'context' then count(*) over whole end as n_ranked,
        case indicator.direction
            when 'higher' then max(profile.obs_value) over whole
            when 'lower' then min(profile.obs_value) over whole
        end as best_value
    from report.city_profile as profile
    inner join catalog.indicator as indicator on profile.indicator = indicator.indicator
    inner join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
    window
        whole as (partition by profile.indicator, profile.unit_measure),
        downwards as (partition by profile.indicator, profile.unit_measure order by profile.obs_value desc),
        upwards as (partition by profile.indicator, profile.unit_measure order by profile.obs_value asc)
),

-- Of the window with most years.
longest as (
    select distinct on (trend.indicator, trend.ref_area)
        trend.indicator,
        trend.ref_area,
        trend.trend,
        trend.slope,
        trend.first_year,
        trend.last_year
    from report.trend as trend
    order by trend.indicator asc, trend.ref_area asc, trend.n desc, trend.time_window asc
),

pair as (
    select
        one.ref_area,
        other.ref_area as other_ref_area,
        indicator.indicator,
        indicator.name_en as indicator_name_en,
        indicator.name_ru as indicator_name_ru,
        indicator.name_zh as indicator_name_zh,
        indicator.pillar,
        indicator.direction
    from catalog.city as one
    inner join catalog.city as other on one.ref_area <> other.ref_area
    cross join catalog.indicator as indicator
),

beside as (
    select
        pair.*,
        one_city.name_en as city_name_en,
        one_city.name_ru as city_name_ru,
        one_city.name_zh as city_name_zh,
        other_city.name_en as other_city_name_en,
        other_city.name_ru as other_city_name_ru,
        other_city.name_zh as other_city_name_zh,
        one.obs_value,
        other.obs_value as other_obs_value,
        one.unit_measure,
        other.unit_measure as other_unit_measure,
        one.time_period,
        other.time_period as other_time_period,
        one.geo_basis,
        other.geo_basis as other_geo_basis,
        one.source,
        other.source as other_source,
        one.place as rank,
        other.place as other_rank,
        one_trend.trend,
        other_trend.trend as other_trend,
        one_trend.slope,
        other_trend.slope as other_slope,
        coalesce(one.n_ranked, other.n_ranked) as n_ranked,
        coalesce(one.best_value, other.best_value) as best_value,
        abs(one.obs_value - one.best_value) as distance_to_best,
        abs(other.obs_value - other.best_value) as other_distance_to_best,
        array_remove(
            array[
                case when one.indicator is null or other.indicator is null then 'no_figure' end,
                case when one.unit_measure <> other.unit_measure then 'other_unit' end,
                case when one.geo_basis <> other.geo_basis then 'other_basis' end,
                case when one.source <> other.source then 'other_source' end,
                case
                    when abs(one.time_period::integer - other.time_period::integer) > 3 then 'years_apart'
                end,
                case when not (one.city_level and other.city_level) then 'not_city_level' end
            ],
            null
        ) as incomparable_because
    from pair
    inner join catalog.ref_area as one_city on pair.ref_area = one_city.ref_area
    inner join catalog.ref_area as other_city on pair.other_ref_area = other_city.ref_area
    left join figure as one on pair.ref_area = one.ref_area and pair.indicator = one.indicator
    left join figure as other on pair.other_ref_area = other.ref_area and pair.indicator = other.indicator
    left join longest as one_trend
        on one.source_ref_area = one_trend.ref_area and one.indicator = one_trend.indicator
    left join longest as other_trend
        on other.source_ref_area = other_trend.ref_area and other.indicator = other_trend.indicator
    where one.indicator is not null or other.indicator is not null
)

select
    beside.*,
    cardinality(beside.incomparable_because) = 0 as comparable,
    case
        when cardinality(beside.incomparable_because) = 0 then beside.obs_value - beside.other_obs_value
    end as difference
from beside;

-- Grain: city × indicator. A city's figure among those of its peers in the same unit.
create view report.peer_comparison as
select
    one.ref_area,
    one.city_name_en,
    one.city_name_ru,
    one.city_name_zh,
    one.indicator,
    one.indicator_name_en,
    one.indicator_name_ru,
    one.indicator_name_zh,
    one.time_period,
    one.obs_value,
    one.unit_measure,
    one.geo_basis,
    count(*) as peers,
    percentile_cont(0.5) within group (order by other.obs_value) as peer_median,
    min(other.obs_value) as peer_lowest,
    max(other.obs_value) as peer_highest,
    array_agg(other.ref_area order by peer.position) as peer_cities
from report.city_profile as one
inner join report.city_peer as peer on one.ref_area = peer.ref_area
inner join report.city_profile as other
    on
        peer.peer_ref_area = other.ref_area
        and one.indicator = other.indicator
        and one.unit_measure = other.unit_measure
group by one.ref_area, one.indicator;

-- Two cities side by side; these two unless others are asked for.
create function report.compare(city text default 'moscow', other_city text default 'guangzhou')
returns setof report.pair_comparison
language sql stable as $$
    select *
    from report.pair_comparison
    where ref_area = city and other_ref_area = other_city
    order by pillar, indicator
$$;
