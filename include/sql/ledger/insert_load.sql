-- Records a load after its rows are validated.
insert into ops.load (
    source,
    dag_id,
    run_id,
    interval_start,
    interval_end,
    indicators,
    partial,
    state,
    refusals,
    warnings,
    read_rows,
    accepted_rows,
    rejected_rows,
    empty_cells,
    out_of_scope_rows,
    validated_at,
    staged_path,
    staged_sha256,
    revision,
    declaration,
    code
)
values (
    :source, :dag_id, :run_id, :interval_start, :interval_end, :indicators, :partial, :state, :refusals,
    :warnings,
    :read_rows,
    :accepted_rows, :rejected_rows, :empty_cells, :out_of_scope_rows, :validated_at, :staged_path,
    :staged_sha256,
    :revision, :declaration, :code
)
returning load_id;
