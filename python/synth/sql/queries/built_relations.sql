-- name: built_relations
-- params: schema text, invocation_id text, relations text[]
-- returns: foreign_relations text[]: those of the relations that are missing or that another run
--          built, in order
select
    coalesce(
        (
            select array_agg(name.relation order by name.relation)
            from unnest(%(relations)s::text[]) as name (relation)
            left join pg_namespace as namespaces on namespaces.nspname = %(schema)s::text
            left join pg_class as classes
                on classes.relnamespace = namespaces.oid and classes.relname = name.relation
            where
                obj_description(classes.oid, 'pg_class')
                is distinct from format(
                    'prodshape: built by dbt, oid %%s, run %%s', classes.oid, %(invocation_id)s::text
                )
        ),
        array[]::text[]
    ) as foreign_relations
