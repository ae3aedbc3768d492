-- name: place_records
-- params: none
-- returns: has_ledger, has_runs, has_functions boolean: schema synth holds the ledger, the record of
--          runs without a ledger, the function that reads the ledger; may_read boolean: whether the
--          role may read the ledger; strange text[]: what the schema holds
with

-- By the catalog, as to_regclass() fails without USAGE on the schema.
relations as (

    select
        class.relname::text as relation,
        has_schema_privilege(namespace.oid, 'usage')
        and has_table_privilege(class.oid, 'select') as may_read,
        array(
            select attribute.attname::text
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = class.oid and not attribute.attisdropped
        ) as columns
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
    where namespace.nspname = 'synth' and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')

),

functions as (

    select
        proc.proname::text as routine,
        proc.pronargs as n_arguments
    from pg_catalog.pg_proc as proc
    inner join pg_catalog.pg_namespace as namespace on proc.pronamespace = namespace.oid
    where namespace.nspname = 'synth'

)

select
    exists (
        select from relations
        where
            relation = 'made'
            and columns @> array[
                'class_id', 'object_id', 'made_by', 'schema_name', 'identity', 'mark', 'definition'
            ]
    ) as has_ledger,
    exists (
        select from relations
        where relation = 'run' and columns @> array['spec_sha256']
    )
    and not exists (
        select from relations
        where relation = 'made'
    ) as has_runs,
    exists (
        select from functions
        where routine = 'own_objects' and n_arguments = 0
    ) as has_functions,
    not exists (
        select from relations
        where relation = 'made' and not relations.may_read
    ) as may_read,
    array(
        select relation from relations
        union all
        select routine from functions
        order by 1
    ) as strange
