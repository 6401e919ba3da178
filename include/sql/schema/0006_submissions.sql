-- What cities say of themselves: it goes before what others say of them, and a file speaks only of the
-- figures that it names.

alter table catalog.source
add column precedence integer not null default 100;

alter table ops.load
add column partial boolean not null default false;
