-- Records a document; one that was built before with the same bytes is already recorded.
insert into archive.document (document, rating, edition, language, document_format, sha256, built_at)
values (:document, :rating, :edition, :language, :document_format, :sha256, :built_at)
on conflict do nothing;
