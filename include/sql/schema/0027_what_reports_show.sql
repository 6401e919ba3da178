-- What reports left out: figures in another unit of their indicator, divisors, and that a remark is settled.

-- Grain: city × indicator × period × source. The order in which reports prefer the figures that a city may
-- use, its own and its country's, observed; figures in different units are not compared.
create or replace view report.source_choice as
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
    inner join catalog.source as source on observation.source = source.source
    inner join catalog.geo_basis as basis on observation.geo_basis = basis.geo_basis
    where observation.obs_status <> 'F'
    window
        whole as (
            partition by place.city, observation.indicator, observation.time_period, observation.unit_measure
        ),
        each_figure as (
            partition by place.city, observation.indicator, observation.time_period, observation.unit_measure
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
create or replace view report.revisions as
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

figure as (
    select
        rating,
        time_period,
        ref_area,
        source_ref_area,
        indicator,
        raw_time_period,
        source
    from report.rating_indicator
    union all
    select
        rating,
        time_period,
        ref_area,
        denominator_source_ref_area,
        denominator,
        denominator_time_period,
        denominator_source
    from report.rating_indicator
),

used as (
    select
        source_ref_area,
        indicator,
        raw_time_period,
        source,
        array_agg(distinct rating || ' ' || time_period) as ratings,
        array_agg(distinct ref_area) as cities
    from figure
    group by source_ref_area, indicator, raw_time_period, source
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

-- Grain: rating × year × indicator × source. Inputs: report.rating_indicator, report.freshness.
create or replace view report.rating_source as
with
figure as (
    select
        rating,
        time_period,
        ref_area,
        indicator,
        source
    from report.rating_indicator
    where source is not null
    union all
    select
        rating,
        time_period,
        ref_area,
        denominator,
        denominator_source
    from report.rating_indicator
    where denominator_source is not null
),

used as (
    select
        rating,
        time_period,
        indicator,
        source,
        count(distinct ref_area) as figures
    from figure
    group by rating, time_period, indicator, source
)

select
    used.rating,
    used.time_period,
    used.indicator,
    indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru,
    indicator.name_zh as indicator_name_zh,
    used.source,
    source.name as source_name,
    used.figures,
    freshness.freshness,
    freshness.freshness_reason,
    freshness.expected_period,
    freshness.newest_period,
    freshness.last_loaded_at
from used
inner join catalog.source as source on used.source = source.source
inner join catalog.indicator as indicator on used.indicator = indicator.indicator
-- Nothing is expected of what cities send.
left join report.freshness as freshness
    on used.source = freshness.source and used.indicator = freshness.indicator;

-- Grain: place × indicator × period × remark of the latest published load that covers the figure of today.
create or replace view report.remarks as
select
    observation.ref_area,
    observation.indicator,
    observation.time_period,
    observation.source,
    observation.obs_value,
    observation.unit_measure,
    remark.rule,
    remark.reason,
    remark.load_id
from quality.remark as remark
inner join ops.load as load on remark.load_id = load.load_id and load.state = 'published'
inner join core.observation as observation
    on
        remark.ref_area = observation.ref_area
        and remark.indicator = observation.indicator
        and remark.time_period = observation.time_period
        and load.source = observation.source
where
    remark.load_id >= observation.load_id
    and not exists (
        select from ops.load as later
        where
            later.source = load.source
            and later.load_id > load.load_id
            and later.state = 'published'
            -- What a city's later form does not name, it says nothing of.
            and not later.partial
            and remark.indicator = any(later.indicators)
            and make_date(remark.time_period::integer, 1, 1) >= later.interval_start
            and make_date(remark.time_period::integer, 1, 1) < later.interval_end
    );
