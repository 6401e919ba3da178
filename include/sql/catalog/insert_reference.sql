-- Stores what ratings take from the catalogue, if it differs from what was stored last.
insert into catalog.reference (document)
select cast(:document as jsonb) as document
where
    cast(:document as jsonb) is distinct from (
        select latest.document
        from catalog.reference as latest
        order by latest.reference_id desc
        limit 1
    );
