-- Adds the documents of editions; their files are in the archive. A rebuilt document with other bytes is a
-- further row.
create table archive.document (
    document text not null,
    rating text not null, edition text not null,
    language text not null,
    document_format text not null check (document_format in ('html', 'pdf', 'docx')),
    sha256 text not null references archive.snapshot,
    built_at timestamptz not null,
    primary key (rating, edition, document, language, document_format, sha256)
);
create index on archive.document (sha256);
