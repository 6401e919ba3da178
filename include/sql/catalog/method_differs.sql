-- Whether this version of a method is stored with another document.
select exists(
    select from catalog.method
    where
        rating = :rating
        and method_version = :method_version
        and document <> cast(:document as jsonb)
) as differs;
