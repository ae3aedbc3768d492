-- name: place_copies
-- params: none
-- returns: nothing; copies of a run's tables, with its comments
create schema copies;
create table copies.users (like perf_synthetic.users);
create table copies.messages (like perf_synthetic.messages);
do $$
begin
    execute format(
        'comment on table copies.users is %L; comment on table copies.messages is %1$L',
        obj_description('perf_synthetic.users'::regclass, 'pg_class')
    );
end
$$;
