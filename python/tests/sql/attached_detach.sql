-- name: attached_detach
-- params: none
-- returns: nothing; the table is as it was, without the foreign keys that it got
alter table perf_synthetic.messages detach partition mine.archive;
do $$
declare
    v_name text;
begin
    for v_name in
        select conname from pg_constraint
        where conrelid = 'mine.archive'::regclass and contype = 'f'
    loop
        execute format('alter table mine.archive drop constraint %I', v_name);
    end loop;
end
$$;
