-- The ledger's account of what the publication did.
update ops.load
set
    state = 'published',
    published_at = :known_from,
    (added, revised, withdrawn, unchanged, outdated) = (
        select
            count(*) filter (where classified.outcome = 'added') + whole.fresh as n_added,
            count(*) filter (where classified.outcome = 'revised') as n_revised,
            count(*) filter (where classified.outcome = 'withdrawn') as n_withdrawn,
            count(*) filter (where classified.outcome = 'unchanged') + whole.same as n_unchanged,
            count(*) filter (where classified.outcome = 'outdated') as n_outdated
        from (
            select
                coalesce(sum(observations) filter (where verdict = 'fresh'), 0) as fresh,
                coalesce(sum(observations) filter (where verdict = 'same'), 0) as same
            from block
        ) as whole
        left join classified on true
        group by whole.fresh, whole.same
    )
where load_id = :load_id
returning added, revised, withdrawn, unchanged, outdated;
