-- The source's own number and unit beside ours, and the places we could not match.

alter table core.observation_version
add column value_as_published text,
add column unit_as_published text;

create table quality.unmatched_place (
    load_id bigint not null references ops.load,
    country text not null,
    place text not null,
    records integer not null,
    candidates jsonb not null,
    primary key (load_id, country, place)
);

create view report.unmatched_places as
select
    load.source,
    unmatched.country,
    unmatched.place,
    unmatched.records,
    unmatched.candidates,
    load.load_id,
    load.validated_at
from quality.unmatched_place as unmatched
inner join ops.load as load on unmatched.load_id = load.load_id
where
    load.load_id in (
        select max(latest.load_id)
        from ops.load as latest
        inner join quality.unmatched_place as of_load on latest.load_id = of_load.load_id
        group by latest.source
    );
