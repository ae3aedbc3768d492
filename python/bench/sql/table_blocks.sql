-- name: table_blocks
-- params: schema text
-- returns: table_name text, n_blocks bigint: the schema's tables, largest first
select
    class.relname as table_name,
    pg_relation_size(class.oid) / current_setting('block_size')::integer as n_blocks
from pg_catalog.pg_class as class
where class.relnamespace = %(schema)s::regnamespace and class.relkind = 'r'
order by n_blocks desc, table_name
