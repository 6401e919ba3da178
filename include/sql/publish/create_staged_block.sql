-- Where COPY puts what the blocks of one load hold: the observations of an indicator and period.
create temporary table staged_block (
    indicator text not null,
    time_period text collate "C" not null,
    observations integer not null,
    digest text not null,
    primary key (indicator, time_period)
) on commit drop;
