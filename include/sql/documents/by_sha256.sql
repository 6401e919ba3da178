-- The document with a SHA-256; no row if there is none.
select
    document.document,
    document.edition,
    document.language,
    document.document_format
from archive.document as document
where document.sha256 = :sha256
order by document.built_at asc
limit 1;
