-- name: standin_marks
-- params: schema text, made in this transaction with its tables
-- returns: statement text: marks the schema and each table as a stand-in's, which --replace may drop

select
    format(
        'comment on schema %%I is %%L',
        nspname,
        format('made by synth standin (oid %%s): invented or public data, safe to drop', oid)
    ) as statement
from pg_namespace
where nspname = %(schema)s::text

union all

select
    format(
        'comment on table %%I.%%I is %%L',
        namespaces.nspname,
        classes.relname,
        format('made by synth standin (oid %%s)', classes.oid)
    ) as statement
from pg_class as classes
inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
where namespaces.nspname = %(schema)s::text and classes.relkind = 'r'
