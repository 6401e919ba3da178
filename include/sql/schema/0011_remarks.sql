-- Remarks on accepted figures, and where the sources of one figure disagree today.

create table quality.remark (
    load_id bigint not null references ops.load,
    ref_area text not null,
    indicator text not null,
    time_period text not null,
    rule text not null,
    reason text not null,
    primary key (load_id, ref_area, indicator, time_period, rule)
);

comment on table quality.remark is
'A rule of severity info that an accepted figure fails: the figure is kept, the remark stands beside it.';

-- Grain: place × indicator × period × remark of the load that the figure of today comes from.
create view report.remarks as
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
    remark.load_id = (
        select max(latest.load_id)
        from quality.remark as latest
        inner join ops.load as of_latest on latest.load_id = of_latest.load_id
        where
            of_latest.source = load.source
            and of_latest.state = 'published'
            and latest.ref_area = remark.ref_area
            and latest.indicator = remark.indicator
            and latest.time_period = remark.time_period
    );

comment on view report.remarks is
'Figures of today that differ from another publisher''s by more than the indicator''s tolerance.';
