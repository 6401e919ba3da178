-- Inserts an edition after its rows; from then on they cannot change.
insert into report.edition (
    rating, edition, time_period, title, method_version, reference_id, known_at, seed, n_ranked, approved_by,
    published_at, citation, checksum
)
values (
    :rating, :edition, :time_period, :title, :method_version, :reference_id, :known_at, :seed, :n_ranked,
    :approved_by, :published_at, :citation, :checksum
);
