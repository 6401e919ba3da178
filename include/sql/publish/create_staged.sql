-- Creates the table that COPY writes the accepted rows of a load to.
create temporary table staged (
    ref_area text not null,
    indicator text not null,
    time_period text collate "C" not null,
    freq text not null,
    obs_value double precision not null,
    unit_measure text not null,
    obs_status text not null,
    geo_basis text not null,
    fetch_id bigint not null,
    pointer text not null,
    value_as_published text not null,
    unit_as_published text not null
) on commit drop;
