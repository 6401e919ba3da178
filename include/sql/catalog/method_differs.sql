-- Whether a version of a method is kept that says something else.
select exists(
    select from catalog.method
    where
        rating = :rating
        and method_version = :method_version
        and document <> cast(:document as jsonb)
) as differs;
