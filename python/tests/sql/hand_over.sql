-- name: hand_over
-- params: none
-- returns: nothing; gives everything of a run to an ordinary role, but for the function text_at
do $$
declare
    v_statement text;
begin
    create role synth_heir login;
    execute format('grant create, temporary on database %I to synth_heir', current_database());
    for v_statement in
        select format('alter schema %I owner to synth_heir', nspname)
        from pg_namespace
        where nspname in ('synth', 'perf_synthetic', 'perf_synthetic_work')
        union all
        select format('alter table %s owner to synth_heir', oid::regclass)
        from pg_class
        where relkind in ('r', 'p')
            and relnamespace::regnamespace::text
            in ('synth', 'perf_synthetic', 'perf_synthetic_work')
        union all
        select format('alter function %s owner to synth_heir', oid::regprocedure)
        from pg_proc
        where proname != 'text_at'
            and pronamespace::regnamespace::text in ('synth', 'perf_synthetic_work')
    loop
        execute v_statement;
    end loop;
end
$$
