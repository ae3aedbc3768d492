-- name: others_depend
-- params: none
-- returns: nothing; what somebody else may build on generated tables, none of it the
--          generator's; the first bears the mark of dbt's views
create schema if not exists shape;
create view shape.stg_chat__messages as select * from perf_synthetic.messages;
do $$
begin
    execute format(
        'comment on view shape.stg_chat__messages is %L',
        'prodshape: built by dbt, oid ' || 'shape.stg_chat__messages'::regclass::oid || ', run 1'
    );
end
$$;
create table public.notes (message_id bigint references perf_synthetic.messages (id));
create function public.how_many()
returns bigint
language sql
begin atomic
    select count(*) from perf_synthetic.messages;
end;
create materialized view shape.their_own as select count(*) from perf_synthetic.users;
create view public.on_a_view as select count(*) from shape.stg_chat__messages;
