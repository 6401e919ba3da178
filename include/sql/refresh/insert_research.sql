-- Stores a declaration of the research tables unless it is stored already.
insert into catalog.research (declaration, document)
values (:declaration, cast(:document as jsonb))
on conflict (declaration) do nothing;
