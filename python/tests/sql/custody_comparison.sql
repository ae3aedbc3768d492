create schema if not exists shape;

create table shape.fid_cells (value float8);

-- As macro mark_built does.
do $$
begin
    execute format(
        'comment on table shape.fid_cells is %L',
        'prodshape: built by dbt, oid ' || 'shape.fid_cells'::regclass::oid || ', run 1'
    );
end
$$
