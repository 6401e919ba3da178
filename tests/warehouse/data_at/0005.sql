-- A request that waits for its turn, and the revision that a load held.
update ops.load
set
    revision = '"2"',
    declaration = repeat('d', 64)
where load_id = 2;
insert into ops.request_plan values (
    'meter', 'ingest_office', 'four', 1, '2021-04-01T00:00:00Z', 26, 'v1/archive', '{"year": 2019}',
    '2021-04-01T00:00:00Z', null
);
