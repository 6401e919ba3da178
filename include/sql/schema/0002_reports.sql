-- What researchers read. Grain of each table: its primary key.

create table report.rating (
    rating text not null,
    time_period text collate "C" not null,
    ref_area text not null,
    method_version text not null,
    city_name_en text not null,
    city_name_ru text not null,
    city_name_zh text not null,
    country text not null,
    city_groups text[] not null,
    score double precision,
    rank integer,
    n_ranked integer not null,
    coverage double precision not null,
    city_level_share double precision not null,
    status text not null check (status in ('ranked', 'not_ranked')),
    reason_code text,
    report_refresh_id bigint not null references ops.report_refresh,
    primary key (rating, time_period, ref_area),
    constraint ranked_or_reason check ((status = 'ranked') = (rank is not null and reason_code is null))
);

create table report.rating_pillar (
    rating text not null,
    time_period text collate "C" not null,
    ref_area text not null,
    pillar text not null,
    pillar_name_en text not null,
    pillar_name_ru text not null,
    pillar_name_zh text not null,
    weight double precision not null,
    score double precision,
    coverage double precision not null,
    contribution double precision,
    primary key (rating, time_period, ref_area, pillar)
);

create table report.rating_indicator (
    rating text not null,
    time_period text collate "C" not null,
    ref_area text not null,
    indicator text not null,
    pillar text not null,
    raw_value double precision,
    unit_measure text,
    raw_time_period text,
    obs_status text,
    geo_basis text,
    source text,
    source_ref_area text,
    version integer,
    goalpost_worst double precision not null,
    goalpost_best double precision not null,
    normalised double precision,
    weight double precision,
    contribution double precision,
    primary key (rating, time_period, ref_area, indicator)
);

create table report.city_profile (
    ref_area text not null,
    city_name_en text not null,
    city_name_ru text not null,
    city_name_zh text not null,
    country text not null,
    indicator text not null,
    indicator_name_en text not null,
    indicator_name_ru text not null,
    indicator_name_zh text not null,
    pillar text not null,
    time_period text not null,
    obs_value double precision not null,
    unit_measure text not null,
    obs_status text not null,
    geo_basis text not null,
    source text not null,
    source_ref_area text not null,
    version integer not null,
    known_from timestamptz not null,
    publisher text not null,
    attribution text not null,
    licence text not null,
    licence_url text not null,
    primary key (ref_area, indicator)
);

create table report.data_coverage (
    indicator text not null,
    time_period text collate "C" not null,
    source text not null,
    geo_basis text not null,
    places integer not null,
    cities integer not null,
    cities_of_catalogue integer not null,
    primary key (indicator, time_period, source, geo_basis)
);
