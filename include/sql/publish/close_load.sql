-- The ledger's account of what the publication did.
update ops.load
set
    state = 'published',
    published_at = :known_from,
    (added, revised, withdrawn, unchanged, outdated) = (
        select
            count(*) filter (where outcome = 'added') as n_added,
            count(*) filter (where outcome = 'revised') as n_revised,
            count(*) filter (where outcome = 'withdrawn') as n_withdrawn,
            count(*) filter (where outcome = 'unchanged') as n_unchanged,
            count(*) filter (where outcome = 'outdated') as n_outdated
        from classified
    )
where load_id = :load_id
returning added, revised, withdrawn, unchanged, outdated;
