-- name: owned_copy
-- params: none
-- returns: nothing; in the place of a run's table somebody's own, with its comment
do $$
declare
    v_comment text := obj_description('perf_synthetic.messages'::regclass, 'pg_class');
begin
    drop table perf_synthetic.messages cascade;
    create table perf_synthetic.messages as select 'precious' as content;
    execute format('comment on table perf_synthetic.messages is %L', v_comment);
end
$$;
