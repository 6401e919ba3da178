-- What ratings take from the catalogue, and a method.
insert into catalog.geo_basis values ('country', 1, false, 'country', 'страна', '国家');
insert into catalog.reference (known_from, document) values ('2021-01-01T00:00:00Z', '{"cities": []}');
insert into catalog.method values ('r', '1', '2021-01-01T00:00:00Z', '{"id": "r"}');
