-- name: standin_drops
-- params: schema text: a stand-in's
-- returns: statement text, in order: drop the tables that a stand-in made in it, and the schema; no
--          `cascade`: the server keeps what somebody else has in it or on it

with

tables as (

    select format('%%I.%%I', namespaces.nspname, classes.relname) as identity
    from pg_class as classes
    inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
    where
        namespaces.nspname = %(schema)s::text
        and obj_description(classes.oid, 'pg_class')
        = format('made by synth standin (oid %%s)', classes.oid)

),

statements as (

    select
        1 as step,
        'drop table ' || string_agg(identity, ', ' order by identity) as statement
    from tables

    union all

    select
        2 as step,
        format('drop schema %%I', nspname) as statement
    from pg_namespace
    where nspname = %(schema)s::text

)

select statement
from statements
where statement is not null
order by step
