-- A steward's acceptance of the refused load.
insert into ops.load_override values (3, 'steward', 'The office closed in March.', '2021-03-02T00:00:00Z');
