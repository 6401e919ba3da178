-- What was expected of a source, that it was asked, and what of it is late.
insert into catalog.expectation values ('office', 'POP', 40, null, '2019', 400);
insert into ops.source_check values ('office', '2021-01-05T00:00:00Z', 'r1', '2021-01-01T00:00:00Z');
insert into ops.lateness values ('office', 'POP', 'not_asked', '2021-02-20T00:00:00Z');
insert into ops.task_failure values ('ingest_office', 'run', 'fetch', '2021-02-20T00:00:00Z', 'no answer');
