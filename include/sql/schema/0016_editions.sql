-- Editions: ratings frozen as they were published, and what today's data would make of them.

create table report.edition (
    rating text not null,
    edition text not null check (edition ~ '^\d{4}\.\d+$'),
    time_period text collate "C" not null,
    title text not null check (title ~ '\S'),
    method_version text not null,
    reference_id bigint not null references catalog.reference,
    known_at timestamptz not null,
    seed bigint not null,
    n_ranked integer not null,
    approved_by text not null check (approved_by ~ '\S'),
    published_at timestamptz not null,
    citation text not null,
    checksum text not null check (checksum ~ '^[0-9a-f]{64}$'),
    primary key (rating, edition),
    foreign key (rating, method_version) references catalog.method
);

create table report.edition_rating (
    edition text not null,
    like report.rating including constraints,
    primary key (rating, edition, ref_area),
    foreign key (rating, edition) references report.edition deferrable initially deferred
);

alter table report.edition_rating
drop column report_refresh_id;

create table report.edition_rating_pillar (
    edition text not null,
    like report.rating_pillar,
    primary key (rating, edition, ref_area, pillar),
    foreign key (rating, edition) references report.edition deferrable initially deferred
);

create table report.edition_rating_indicator (
    edition text not null,
    like report.rating_indicator,
    primary key (rating, edition, ref_area, indicator),
    foreign key (rating, edition) references report.edition deferrable initially deferred
);

-- The rows of an edition are written before the edition itself, in its transaction; then nothing is written.
create function report.refuse_change_of_edition() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if not exists (
            select from report.edition where rating = new.rating and edition.edition = new.edition
        ) then
            return new;
        end if;
    end if;
    raise exception '%.%: a published edition never changes; publish a new one', tg_table_schema, tg_table_name;
end
$$;

create trigger frozen before update or delete or truncate on report.edition
for each statement execute function report.refuse_change_of_edition();
create trigger frozen before update or delete or truncate on report.edition_rating
for each statement execute function report.refuse_change_of_edition();
create trigger frozen before update or delete or truncate on report.edition_rating_pillar
for each statement execute function report.refuse_change_of_edition();
create trigger frozen before update or delete or truncate on report.edition_rating_indicator
for each statement execute function report.refuse_change_of_edition();
create trigger complete before insert on report.edition_rating
for each row execute function report.refuse_change_of_edition();
create trigger complete before insert on report.edition_rating_pillar
for each row execute function report.refuse_change_of_edition();
create trigger complete before insert on report.edition_rating_indicator
for each row execute function report.refuse_change_of_edition();

-- Grain: edition × city. Steps from the score as published to that of today, which sum to the change.
create table report.edition_diff (
    rating text not null,
    edition text not null,
    time_period text collate "C" not null,
    ref_area text not null,
    city_name_en text not null,
    city_name_ru text not null,
    city_name_zh text not null,
    score_as_published double precision,
    score_today double precision,
    delta_revised_data double precision,
    delta_new_data double precision,
    delta_method double precision,
    delta_city_set double precision,
    appeared_with text check (appeared_with in ('revised_data', 'new_data', 'method', 'city_set')),
    disappeared_with text check (disappeared_with in ('revised_data', 'new_data', 'method', 'city_set')),
    rank_as_published integer,
    rank_today integer,
    method_version_today text not null,
    compared_at timestamptz not null,
    primary key (rating, edition, ref_area),
    foreign key (rating, edition) references report.edition
);
