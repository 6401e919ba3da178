-- Records that a source was requested and answered. Its data have changed if it reports another revision than
-- before, or if the caller detected a change.
insert into ops.source_check (source, checked_at, revision, changed_at)
values (
    :source,
    :checked_at,
    :revision,
    case when :changed then cast(:checked_at as timestamptz) end
)
on conflict (source) do update
    set
        checked_at = excluded.checked_at,
        revision = excluded.revision,
        changed_at = case
            when source_check.revision is distinct from excluded.revision then excluded.checked_at
            when excluded.revision is null then coalesce(excluded.changed_at, source_check.changed_at)
            else source_check.changed_at
        end
    where source_check.checked_at <= excluded.checked_at;
