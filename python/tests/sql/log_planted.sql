-- Each fails, or is logged on demand, with a text of a row: a cast, keys, rules, patterns, JSON.
create table bodies (body text primary key check (length(body) < 60), sent_at timestamptz);

insert into bodies values ('jane.roe@example.org');

select body::bigint from bodies;

select body::timestamptz from bodies;

select body::uuid from bodies;

select body::jsonb from bodies;

select body::regclass from bodies;

select 'x' ~ ('(' || body) from bodies;

select to_date(body, 'YYYY') from bodies;

select 1 / (length(body) - length(body)) from bodies where body = 'jane.roe@example.org';

insert into bodies values ('jane.roe@example.org');

insert into bodies values (repeat('jane.roe@example.org', 10));

create unique index on bodies ((left(body, 1))) where body < 'jane.roe@example.org';

do $$ begin raise exception 'jane.roe@example.org'; end $$;

do $$ begin raise warning 'jane.roe@example.org'; end $$;

alter table bodies add constraint no_jane check (body <> 'jane.roe@example.org');

set debug_print_plan = on;

set debug_print_parse = on;

select 'jane.roe@example.org' from bodies;

set statement_timeout = '50ms';

select pg_sleep(5), 'jane.roe@example.org';

set idle_in_transaction_session_timeout = '50ms';

select missing from bodies where body = 'jane.roe@example.org';
