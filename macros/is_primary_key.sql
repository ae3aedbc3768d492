{#
is_primary_key(relation, columns)
relation  ordinary or partitioned table; no table of the name is no key
columns   names of columns, in any order
returns   boolean SQL expression of the catalog alone: these columns are a valid primary key, so the
          server itself keeps them unique and not null; an index being built proves nothing
#}
{%- macro is_primary_key(relation, columns) -%}
exists (
    select 1
    from pg_catalog.pg_index as key
    where
        key.indrelid = to_regclass('{{ relation | string | replace("'", "''") }}')
        and key.indisprimary
        and key.indisvalid
        and key.indisready
        and array['{{ columns | sort | join("', '") }}'] = (
            select array_agg(cast(parts.attname as text) order by parts.attname)
            from pg_catalog.pg_attribute as parts
            where
                parts.attrelid = key.indrelid
                and parts.attnum = any(cast(key.indkey as smallint[]))
        )
)
{%- endmacro -%}
