-- name: owned_views
-- params: none
-- returns: nothing; a view of somebody's that is named and commented like one of dbt's
create schema if not exists shape;
create view shape.stg_chat__reads as select * from perf_synthetic.message_reads;
create view shape.stg_mine as select * from perf_synthetic.users;
do $$
begin
    execute format(
        'comment on view shape.stg_chat__reads is %L',
        'prodshape: built by dbt, oid ' || 'shape.stg_chat__reads'::regclass::oid || ', run 1'
    );
    execute format(
        'comment on view shape.stg_mine is %L',
        'prodshape: built by dbt, oid ' || 'shape.stg_chat__reads'::regclass::oid || ', run 1'
    );
end
$$;
