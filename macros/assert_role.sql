{#
assert_role(source_schema, shape_schema, is_closed, canonical, is_privileged_allowed)
source_schema          schema of the application's tables, or of the role's views
shape_schema           where the models of this project are built
is_closed              nothing but the canonical columns may be readable
canonical              the var canonical_columns
is_privileged_allowed  the var allow_privileged_role: look no further than is_closed
returns                nothing
raises                 compiler error when the role may do more than a reader needs, or may read
                       what the mapping does not declare

A superuser of the embedded server passes: it holds no production. The ledger of past packs does
not count, as long as it is somebody else's and the role only reads it and adds rows.
#}
{%- macro assert_role(source_schema, shape_schema, is_closed, canonical, is_privileged_allowed) -%}
{%- set found = run_query(_excessive_rights(source_schema)).rows -%}
{%- set is_trusted = is_privileged_allowed or (found | length and found[0]['is_embedded']) -%}
{%- if found | length and not is_trusted -%}
    {{ exceptions.raise_compiler_error(
        "assert_role: expected a role that may only read the source, got one that "
        ~ (found | map(attribute='reason') | join(', ')) ~ "; use the role of `synth role "
        ~ "--print-sql`, or set vars.allow_privileged_role"
    ) }}
{%- endif -%}
{%- if is_closed -%}
    {%- set exposed = run_query(
        _exposed_columns(source_schema, shape_schema, canonical, found | length == 0)
    ).rows -%}
    {%- if exposed | length -%}
        {{ exceptions.raise_compiler_error(
            "assert_role: expected nothing readable but the canonical columns, got "
            ~ exposed[0]['reason'] ~ (' and ' ~ (exposed | length - 1) ~ ' more' if exposed | length > 1 else '')
            ~ "; make the views anew with `synth role --print-sql`, or revoke the right"
        ) }}
    {%- endif -%}
{%- endif -%}
{%- endmacro -%}


{#
_is_ledger(classes, namespaces)
classes     alias of pg_class
namespaces  alias of pg_namespace
returns     a condition: the table of past packs that `synth role` makes, with somebody else its
            owner; the role reads it and adds rows
#}
{%- macro _is_ledger(classes, namespaces) -%}
(
            {{ namespaces }}.nspname = 'prodshape_ledger'
            and {{ classes }}.relname = 'release'
            and {{ classes }}.relkind = 'r'
            and not pg_has_role({{ namespaces }}.nspowner, 'member')
            and not pg_has_role({{ classes }}.relowner, 'member')
            and not has_table_privilege({{ classes }}.oid, 'delete, truncate, trigger')
            and not has_any_column_privilege({{ classes }}.oid, 'update')
        )
{%- endmacro -%}


{#
_excessive_rights(source_schema)
source_schema  schema whose tables count even where the role owns it
returns        reason text, is_embedded boolean; no row where the role is harmless
#}
{%- macro _excessive_rights(source_schema) -%}
with

roles as (

    select * from pg_roles
    where rolname = current_user

),

-- Itself and whatever it may become by `set role`, which inherited rights do not show.
reachable as (

    select pg_roles.*
    from pg_roles
    inner join roles
        on
            pg_roles.oid = roles.oid
            or (not roles.rolsuper and pg_has_role(pg_roles.oid, 'member'))

),

predefined as (

    -- Whatever the server's version has, but for the role that an owner of the database has.
    select granted.rolname
    from pg_roles as granted
    where
        granted.rolname like 'pg\_%'
        and granted.rolname != 'pg_database_owner'
        and pg_has_role(granted.oid, 'member')

),

writable as (

    select count(*) as n_tables
    from pg_class as classes
    inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
    where
        classes.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and namespaces.nspname not in ('pg_catalog', 'information_schema')
        -- What it makes in a schema of its own is its own affair; the source never is.
        and (
            namespaces.nspname = '{{ source_schema | replace("'", "''") }}'
            or not pg_has_role(namespaces.nspowner, 'member')
        )
        and not exists (
            select 1 from pg_depend as members
            where
                members.classid = 'pg_class'::regclass
                and members.objid = classes.oid
                and members.deptype = 'e'
        )
        -- A sequence is not read but moved on. An owner may grant itself what it has not.
        and exists (
            select 1 from reachable
            where
                classes.relowner = reachable.oid
                or case
                    when classes.relkind = 'S'
                        then has_sequence_privilege(reachable.oid, classes.oid, 'usage, update')
                    else
                        has_table_privilege(reachable.oid, classes.oid, 'delete, truncate, trigger')
                        or has_any_column_privilege(reachable.oid, classes.oid, 'insert, update')
                end
        )
        and not {{ _is_ledger('classes', 'namespaces') }}

),

reasons as (

    select 'is a superuser' as reason, rolsuper as is_found from roles
    union all
    select 'may create roles', rolcreaterole and not rolsuper from roles
    union all
    select 'may create databases', rolcreatedb and not rolsuper from roles
    union all
    select 'bypasses row security', rolbypassrls and not rolsuper from roles
    union all
    select 'may replicate', rolreplication and not rolsuper from roles
    union all
    select 'is a member of ' || predefined.rolname, not roles.rolsuper
    from predefined
    cross join roles
    union all
    select
        'may write ' || writable.n_tables || ' tables or sequences that are not its own',
        writable.n_tables > 0 and not roles.rolsuper
    from writable
    cross join roles
    union all
    select
        'may become ' || reachable.rolname,
        reachable.oid != roles.oid
        and (
            reachable.rolsuper or reachable.rolcreaterole or reachable.rolcreatedb
            or reachable.rolbypassrls or reachable.rolreplication
        )
    from reachable
    cross join roles
    union all
    select
        case
            when namespaces.nspname = '{{ source_schema | replace("'", "''") }}'
                then 'may create tables in the source schema'
            -- PostgreSQL 14 and databases that come from it.
            when has_schema_privilege('public', namespaces.oid, 'create')
                then format('may create in schema %1$s (revoke create on schema %1$I from public)',
                    namespaces.nspname)
            else 'may create in schema ' || namespaces.nspname
        end,
        not roles.rolsuper
    from pg_namespace as namespaces
    cross join roles
    where
        namespaces.nspname !~ '^pg_'
        and (
            namespaces.nspname = '{{ source_schema | replace("'", "''") }}'
            or (
                not pg_has_role(namespaces.nspowner, 'member')
                and coalesce(obj_description(namespaces.oid, 'pg_namespace'), '')
                != 'prodshape: the shape'
            )
        )
        and exists (
            select 1 from reachable
            where has_schema_privilege(reachable.oid, namespaces.oid, 'create')
        )

)

select
    reasons.reason,
    roles.rolsuper and current_setting('cluster_name') = 'prodshape' as is_embedded
from reasons
cross join roles
where reasons.is_found
{%- endmacro -%}


{#
_exposed_columns(source_schema, shape_schema, canonical, is_elsewhere_looked_at)
source_schema           schema of the role's views
shape_schema            the role's own schema
canonical               the var canonical_columns
is_elsewhere_looked_at  whether tables of other schemas count: not for a superuser, who reads all
returns                 reason text, one row for each column or relation too many
#}
{%- macro _exposed_columns(source_schema, shape_schema, canonical, is_elsewhere_looked_at) -%}
with

declared as (

    -- What `synth role` adds: figures of the planner's, no value among them.
    select
        'column_statistics' as relation,
        unnest(array[
            'relation', 'column_name', 'n_distinct', 'correlation', 'most_common_freqs', 'null_frac',
            'n_rows'
        ]) as column_name,
        unnest(array['text', 'text', 'real', 'real', 'real[]', 'real', 'bigint']) as type_name
    {%- for relation, columns in canonical.items() %}
    {%- for column, type in columns.items() %}
    union all
    select '{{ relation }}', '{{ column }}', format_type('{{ type }}'::regtype, null)
    {%- endfor %}
    {%- endfor %}

),

relations as (

    select
        classes.relname,
        namespaces.nspname
    from pg_class as classes
    inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
    where
        classes.relkind in ('r', 'p', 'v', 'm', 'f')
        and namespaces.nspname not in (
            'pg_catalog', 'information_schema',
            '{{ shape_schema | replace("'", "''") }}', '{{ source_schema | replace("'", "''") }}'
        )
        and namespaces.nspname not like 'pg\_toast%'
        and not pg_has_role(namespaces.nspowner, 'member')
        and has_schema_privilege(namespaces.oid, 'usage')
        and has_any_column_privilege(classes.oid, 'select')
        and not {{ _is_ledger('classes', 'namespaces') }}
        and not exists (
            select 1 from pg_depend as members
            where
                members.classid = 'pg_class'::regclass
                and members.objid = classes.oid
                and members.deptype = 'e'
        )

),

source_relations as (

    select
        classes.oid,
        classes.relname,
        classes.relkind = 'v'
        and not coalesce(
            classes.reloptions::text[]
            && array['security_barrier=true', 'security_barrier=on', 'security_barrier=1'],
            false
        )
            as is_open_view
    from pg_class as classes
    inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
    where
        namespaces.nspname = '{{ source_schema | replace("'", "''") }}'
        and classes.relkind in ('r', 'p', 'v', 'm', 'f')
        and has_any_column_privilege(classes.oid, 'select')

),

exposed as (

    select
        source_relations.relname || ' exposing column ' || attributes.attname
        || ' (' || format_type(attributes.atttypid, null) || ')' as reason
    from source_relations
    inner join pg_attribute as attributes on source_relations.oid = attributes.attrelid
    left join declared
        on
            source_relations.relname = declared.relation
            and attributes.attname = declared.column_name
            and format_type(attributes.atttypid, null) = declared.type_name
    where
        attributes.attnum > 0
        and not attributes.attisdropped
        and has_column_privilege(source_relations.oid, attributes.attnum, 'select')
        and declared.relation is null

    union all

    select source_relations.relname || ' without security_barrier'
    from source_relations
    where source_relations.is_open_view
    {%- if is_elsewhere_looked_at %}

    union all

    select 'the right to read ' || relations.nspname || '.' || relations.relname
    from relations

    union all

    select 'the right to become ' || rolname
    from pg_roles
    where
        rolname not in (current_user, 'pg_database_owner')
        and pg_has_role(oid, 'member')

    union all

    select 'the right to read ' || count(*) || ' large objects'
    from pg_largeobject_metadata as objects
    where
        not pg_has_role(objects.lomowner, 'member')
        and (
            current_setting('lo_compat_privileges')::boolean
            or exists (
                select 1 from aclexplode(objects.lomacl) as grants
                where
                    grants.privilege_type = 'SELECT'
                    and (grants.grantee = 0 or pg_has_role(grants.grantee, 'member'))
            )
        )
    having count(*) > 0

    union all

    select 'the right to run ' || namespaces.nspname || '.' || routines.proname || ' as its owner'
    from pg_proc as routines
    inner join pg_namespace as namespaces on routines.pronamespace = namespaces.oid
    where
        routines.prosecdef
        and namespaces.nspname not in ('pg_catalog', 'information_schema')
        and not pg_has_role(routines.proowner, 'member')
        and has_schema_privilege(namespaces.oid, 'usage')
        and has_function_privilege(routines.oid, 'execute')
        -- The one that `synth role` makes.
        and not (
            namespaces.nspname = '{{ source_schema | replace("'", "''") }}'
            and routines.proname = 'read_column_statistics'
        )
        and not exists (
            select 1 from pg_depend as members
            where
                members.classid = 'pg_proc'::regclass
                and members.objid = routines.oid
                and members.deptype = 'e'
        )
    {%- endif %}

)

select reason from exposed
order by reason
{%- endmacro -%}
