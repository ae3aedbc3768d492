{#
assert_outside()
returns  nothing
raises   compiler error when the database of a target outside the boundary is inside it: a schema there
         bears the mark of the shape, of its reading role or of the ledger of extractions; or, but for
         the embedded server and for `synth validate`, which compares the servers, when it holds
         tables like the application's that no run made

Two servers cannot be compared over the one connection that dbt has, so what looks like production is
refused. `synth validate` holds the lock of `fid_lock` after it has compared them.
#}
{%- macro assert_outside() -%}
{%- set query -%}
    select
        (
            select min(namespaces.nspname::text) from pg_catalog.pg_namespace as namespaces
            where
                obj_description(namespaces.oid, 'pg_namespace') in (
                    'prodshape: the shape', 'prodshape: the views', 'prodshape: the key',
                    'prodshape: the ledger'
                )
        ) as boundary_schema,
        current_setting('cluster_name') = 'prodshape' and inet_server_addr() is null
        or exists (
            select from pg_catalog.pg_locks as held
            where
                held.locktype = 'advisory'
                and held.granted
                and held.objsubid = 1
                and held.database = (select oid from pg_database where datname = current_database())
                and (held.classid::bigint << 32) | held.objid::bigint = hashtext('prodshape.validate')
        ) as is_compared,
        (
            -- By the catalog, as to_regclass() fails without USAGE on the schema.
            select
                has_schema_privilege(namespaces.oid, 'usage')
                and has_table_privilege(classes.oid, 'select')
            from pg_catalog.pg_namespace as namespaces
            inner join pg_catalog.pg_class as classes on namespaces.oid = classes.relnamespace
            inner join pg_catalog.pg_proc as procs on namespaces.oid = procs.pronamespace
            where
                namespaces.nspname = 'synth'
                and classes.relname = 'made'
                and procs.proname = 'own_objects'
                and procs.pronargs = 0
        ) as may_read_ledger
{%- endset -%}
{%- set found = run_query(query).rows[0] -%}
{%- if found['boundary_schema'] is not none -%}
    {{ exceptions.raise_compiler_error(
        "assert_outside: the database of target " ~ target.name ~ " is inside the production boundary: "
        ~ "schema " ~ found['boundary_schema'] ~ " was left there by the extraction of a shape; point "
        ~ "the target at a database of its own in profiles.yml"
    ) }}
{%- endif -%}
{%- if not found['is_compared'] -%}
    {%- set alike = run_query(_application_schemas(found['may_read_ledger'])).rows -%}
    {%- if alike | length -%}
        {{ exceptions.raise_compiler_error(
            "assert_outside: dbt cannot tell the database of target " ~ target.name ~ " from production, "
            ~ "and its schema " ~ alike[0]['nspname'] ~ " looks like the application's; run `synth "
            ~ "validate`, which compares the two, or give the target a database of its own"
            ~ ("; the role may not read synth.made, which says what runs made: grant usage on schema "
            ~ "synth and select on synth.made" if found['may_read_ledger'] is sameas false else "")
        ) }}
    {%- endif -%}
{%- endif -%}
{%- endmacro -%}


{#
_application_schemas(may_read_ledger)
may_read_ledger  whether runs made tables here, and the role may see which
returns          nspname: schemas with two relations or more that one mapping reads (one in the schema
                 that a boundary target extracts from), runs' own aside; as `synth.place` has it
#}
{%- macro _application_schemas(may_read_ledger) -%}
{%- set lists = [[
    'users', 'conversations', 'conversation_users', 'messages', 'attachments', 'message_reads'
]] -%}
{%- for entries in var('mappings').values() -%}
    {%- set names = [] -%}
    {%- for entry in entries.values() if entry is mapping and entry.get('relation') -%}
        {%- for found in modules.re.findall(
            '(?i)(?:\\{schema\\}\\.|(?:\\bfrom|\\bjoin|^)\\s*(?:(?:"[^"]+"|\\w+)\\.)?)(?:"([^"]+)"|(\\w+))',
            entry['relation'] | string
        ) -%}
            {%- do names.append((found[0] or found[1]) | replace("'", "''")) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if names -%}
        {%- do lists.append(names) -%}
    {%- endif -%}
{%- endfor -%}
{%- set sources = var('source_schema') -%}
{%- set sources = [sources.get('prod_shape', '')] if sources is mapping else [] -%}
with

relations as (

    select
        namespaces.nspname,
        classes.relname,
        case when namespaces.nspname in ('{{ sources | join | replace("'", "''") }}') then 1 else 2 end
            as n_least
    from pg_catalog.pg_class as classes
    inner join pg_catalog.pg_namespace as namespaces on classes.relnamespace = namespaces.oid
    where
        classes.relkind in ('r', 'p', 'v', 'm', 'f')
        and namespaces.nspname not in ('pg_catalog', 'information_schema')
        {%- if may_read_ledger %}
        and classes.oid not in (
            select objects.object_id
            from synth.own_objects() as objects
            where objects.class_id = 'pg_catalog.pg_class'::regclass
        )
        {%- endif %}

)

select relations.nspname::text as nspname
from relations
group by relations.nspname, relations.n_least
having
    {%- for names in lists %}
    {% if not loop.first %}or {% endif -%}
    count(*) filter (where relations.relname in ('{{ names | unique | join("', '") }}')) >= relations.n_least
    {%- endfor %}
order by nspname
{%- endmacro -%}
