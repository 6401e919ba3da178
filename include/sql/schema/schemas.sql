-- Creates the schemas, their default privileges and the table of upgrades; every upgrade runs it first.
-- Stewards read the entire warehouse; researchers read the reports and, of core, what is granted there.
create schema if not exists catalog;
create schema if not exists archive;
create schema if not exists ops;
create schema if not exists quality;
create schema if not exists core;
create schema if not exists report;

grant usage on schema catalog, archive, ops, quality, core, report to steward;
grant usage on schema core, report to researcher;
alter default privileges in schema catalog, archive, ops, quality, core, report
grant select on tables to steward;
alter default privileges in schema report grant select on tables to researcher;

create table if not exists ops.schema_version (
    schema_version_id bigint generated always as identity primary key,
    version text not null,
    objects text not null,
    upgraded_at timestamptz not null default current_timestamp
);
