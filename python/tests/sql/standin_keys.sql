-- params: none
-- returns: primary and foreign keys of schema app as tables and columns, and the other indexes
select
    constrained.relname as table_name,
    c.contype::text as kind,
    pg_get_constraintdef(c.oid) as definition
from pg_constraint as c
inner join pg_class as constrained on constrained.oid = c.conrelid
where c.connamespace = 'app'::regnamespace and c.contype in ('p', 'f')
union all
select
    tablename,
    'i',
    regexp_replace(indexdef, '^.* USING btree ', '')
from pg_indexes
where schemaname = 'app' and indexname not like '%\_pkey'
