-- Declared corrections: what was applied to which figure of which load.

create table quality.correction_applied (
    correction_applied_id bigint generated always as identity primary key,
    load_id bigint not null references ops.load,
    fetch_id bigint not null references archive.fetch_event,
    pointer text not null,
    ref_area text,
    indicator text not null,
    time_period text not null,
    correction text not null,
    action text not null check (action in ('set', 'scale', 'drop', 'flag')),
    value_as_published text not null,
    value_before double precision,
    value_after double precision,
    status_before text,
    status_after text,
    reason text not null,
    reference text not null,
    declared jsonb not null
);

create index on quality.correction_applied (load_id);

-- Grain: version of a figure that was corrected. A later load that finds the figure unchanged writes no
-- version, so the figure keeps its correction.
create view report.corrections as
select
    version.ref_area,
    version.indicator,
    version.time_period,
    version.source,
    version.version,
    string_agg(
        applied.reason || ' (' || applied.reference || ')', '; '
        order by applied.correction_applied_id
    ) as correction
from core.observation_version as version
inner join quality.correction_applied as applied
    on
        version.load_id = applied.load_id
        and version.fetch_id = applied.fetch_id
        and version.pointer = applied.pointer
        and version.ref_area = applied.ref_area
        and version.indicator = applied.indicator
        and version.time_period = applied.time_period
where applied.action <> 'drop'
group by
    version.ref_area,
    version.indicator,
    version.time_period,
    version.source,
    version.version;

alter table report.city_profile
add column correction text;

alter table report.rating_indicator
add column correction text;
