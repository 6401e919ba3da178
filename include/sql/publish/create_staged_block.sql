-- Creates the table that COPY writes the blocks of a load to: one for each indicator and period.
create temporary table staged_block (
    indicator text not null,
    time_period text collate "C" not null,
    observations integer not null,
    digest text not null,
    primary key (indicator, time_period)
) on commit drop;
