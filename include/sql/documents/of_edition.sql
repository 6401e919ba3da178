-- Grain: document × language × format. The latest documents of an edition.
select distinct on (document.document, document.language, document.document_format)
    document.document,
    document.language,
    document.document_format,
    document.sha256,
    document.built_at,
    snapshot.byte_count
from archive.document as document
inner join archive.snapshot as snapshot using (sha256)
where document.rating = :rating and document.edition = :edition
order by document.document asc, document.language asc, document.document_format asc, document.built_at desc;
