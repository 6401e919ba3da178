-- quality: every validation, every rejected row, every remark.

create table quality.correction_applied (
    correction_applied_id bigint generated always as identity primary key,
    load_id bigint not null references ops.load,
    fetch_id bigint not null references archive.fetch_event, pointer text not null,
    ref_area text, indicator text not null, time_period text not null,
    correction text not null,
    action text not null check (action in ('set', 'scale', 'drop', 'flag')),
    value_as_published text not null,
    value_before double precision, value_after double precision,
    status_before text, status_after text,
    reason text not null, reference text not null,
    declared jsonb not null
);
create index on quality.correction_applied (load_id);

create table quality.rejected_case (
    case_load_id bigint not null references ops.case_load,
    row_number integer not null,
    case_id text,
    rule text not null, reason text not null,
    raw_row text not null,
    primary key (case_load_id, row_number)
);

create table quality.rejected_row (
    rejected_row_id bigint generated always as identity primary key,
    load_id bigint not null references ops.load,
    source text not null,
    fetch_id bigint not null references archive.fetch_event, pointer text not null,
    ref_area text, indicator text not null, time_period text not null,
    value_as_published text not null,
    rule text not null, reason text not null,
    raw_row text not null
);
create index on quality.rejected_row (load_id);

create table quality.remark (
    load_id bigint not null references ops.load,
    ref_area text not null, indicator text not null, time_period text not null,
    rule text not null, reason text not null,
    primary key (load_id, ref_area, indicator, time_period, rule)
);

create table quality.unmatched_place (
    load_id bigint not null references ops.load,
    country text not null, place text not null,
    records integer not null,
    candidates jsonb not null,
    primary key (load_id, country, place)
);

create table quality.validation (
    validation_id bigint generated always as identity primary key,
    load_id bigint not null references ops.load,
    suite text not null, success boolean not null,
    evaluated integer not null, failed integer not null,
    validated_at timestamptz not null,
    result jsonb not null
);
create index on quality.validation (load_id);
