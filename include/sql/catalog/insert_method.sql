-- A method enters with its version; the version that is there stays as it is.
insert into catalog.method (rating, method_version, known_from, document)
values (:rating, :method_version, :known_from, cast(:document as jsonb))
on conflict (rating, method_version) do nothing
returning rating;
