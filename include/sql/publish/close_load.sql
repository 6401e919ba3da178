-- Marks the load as published, with the counts of what changed.
update ops.load
set
    state = 'published',
    published_at = :known_from,
    (added, revised, withdrawn, unchanged, outdated) = (
        select
            count(*) filter (where classified.outcome = 'added') + blocks.fresh as n_added,
            count(*) filter (where classified.outcome = 'revised') as n_revised,
            count(*) filter (where classified.outcome = 'withdrawn') as n_withdrawn,
            count(*) filter (where classified.outcome = 'unchanged') + blocks.same as n_unchanged,
            count(*) filter (where classified.outcome = 'outdated') as n_outdated
        from (
            select
                coalesce(sum(observations) filter (where verdict = 'fresh'), 0) as fresh,
                coalesce(sum(observations) filter (where verdict = 'same'), 0) as same
            from block
        ) as blocks
        left join classified on true
        group by blocks.fresh, blocks.same
    )
where load_id = :load_id
returning added, revised, withdrawn, unchanged, outdated;
