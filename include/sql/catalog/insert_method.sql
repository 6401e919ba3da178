-- Inserts a version of a rating's method unless that version is stored already.
insert into catalog.method (rating, method_version, known_from, document)
values (:rating, :method_version, :known_from, cast(:document as jsonb))
on conflict (rating, method_version) do nothing
returning rating;
