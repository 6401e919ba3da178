-- A declaration enters once; the one that is there stays as it is.
insert into catalog.research (declaration, document)
values (:declaration, cast(:document as jsonb))
on conflict (declaration) do nothing;
