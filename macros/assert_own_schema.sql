{#
assert_own_schema(schema, is_boundary)
schema       where the models of this project are built
is_boundary  whether that is inside the production boundary, which the mark says too
returns      a statement that marks the schema as ours with a comment, where that is to be done yet
raises       compiler error when the schema holds a relation that a model would replace and that this
             project did not build, by the comment of mark_built, when something of somebody else's
             stands on what it built, since dbt drops what it replaces with cascade, or when the mark
             of the schema is of the boundary's other side
#}
{%- macro assert_own_schema(schema, is_boundary) -%}
{%- set mark = 'prodshape: the shape' if is_boundary else 'prodshape: the synthetic shape' -%}
{%- set ours = ["'shape_build'"] -%}
{%- for node in graph.nodes.values()
    if node.package_name == project_name and node.resource_type in ('model', 'seed') -%}
    {%- do ours.append("'" ~ node.alias ~ "'") -%}
{%- endfor -%}
{%- set query -%}
    select
        coalesce(obj_description(namespaces.oid, 'pg_namespace') like 'prodshape%', false) as is_marked,
        coalesce(
            obj_description(namespaces.oid, 'pg_namespace') like 'prodshape: the synthetic shape%', false
        ) as is_synthetic,
        pg_has_role(namespaces.nspowner, 'usage') as may_mark,
        (
            select min(classes.relname::text)
            from pg_class as classes
            where
                classes.relnamespace = namespaces.oid
                and classes.relname in ({{ ours | join(', ') }})
                and not {{ _is_built('classes') }}
                -- The table of tell_gates, which no model builds.
                and (
                    classes.relname != 'shape_build'
                    or obj_description(classes.oid, 'pg_class')
                    is distinct from 'One row per target: what the last dbt run in this schema did.'
                )
        ) as taken,
        {{ _standing() }} as standing
    from pg_namespace as namespaces
    where namespaces.nspname = '{{ schema | replace("'", "''") }}'
{%- endset -%}
{%- set rows = run_query(query).rows -%}
{%- if rows | length and rows[0]['is_marked'] and rows[0]['is_synthetic'] == is_boundary -%}
    {{ exceptions.raise_compiler_error(
        "assert_own_schema: schema " ~ schema ~ " is marked as one of the "
        ~ ('synthetic' if is_boundary else 'production') ~ " side; give target " ~ target.name
        ~ " another schema or database"
    ) }}
{%- endif -%}
{%- if rows | length and rows[0]['taken'] is not none -%}
    {{ exceptions.raise_compiler_error(
        "assert_own_schema: schema " ~ schema ~ " holds " ~ rows[0]['taken']
        ~ ", which this project would replace and did not build, or an earlier version did; give target "
        ~ target.name ~ " another schema, or drop it by hand (all that was built: drop schema "
        ~ schema ~ " cascade)"
    ) }}
{%- endif -%}
{%- if rows | length and rows[0]['standing'] is not none -%}
    {{ exceptions.raise_compiler_error(
        "assert_own_schema: " ~ rows[0]['standing'] ~ " stands on what was built in schema " ~ schema
        ~ ", and a build would drop it too; drop it yourself, or keep a copy of what it reads"
    ) }}
{%- endif -%}
{%- if rows | length == 0 or rows[0]['is_marked'] -%}
    {{ return('select 1 as is_ready') }}
{%- endif -%}
{%- if not rows[0]['may_mark'] -%}
    {{ exceptions.raise_compiler_error(
        "assert_own_schema: schema " ~ schema ~ " is not marked and not owned by the role; let its "
        ~ "owner run: comment on schema " ~ schema ~ " is '" ~ mark ~ "'"
    ) }}
{%- endif -%}
{{ return('comment on schema ' ~ adapter.quote(schema | replace('"', '""')) ~ " is '" ~ mark ~ "'") }}
{%- endmacro -%}


{#
_standing()
returns  a scalar: the first view, foreign key or function that dbt did not build and that depends on
         a relation that dbt built in the schema `namespaces`; null where there is none
#}
{%- macro _standing() -%}
(
            select
                min(
                    case
                        when depends.classid = 'pg_proc'::regclass
                            then 'function ' || depends.objid::regprocedure
                        else coalesce(views.oid, keys.conrelid)::regclass::text
                    end
                )
            from pg_class as built
            inner join pg_depend as depends
                on
                    depends.refclassid = 'pg_class'::regclass
                    and built.oid = depends.refobjid
                    and depends.deptype = 'n'
            left join pg_rewrite as rules
                on depends.classid = 'pg_rewrite'::regclass and depends.objid = rules.oid
            left join pg_class as views on rules.ev_class = views.oid
            left join pg_constraint as keys
                on depends.classid = 'pg_constraint'::regclass and depends.objid = keys.oid
            where
                built.relnamespace = namespaces.oid
                and {{ _is_built('built') }}
                and (
                    depends.classid = 'pg_proc'::regclass
                    or keys.conrelid != built.oid
                    or views.oid != built.oid
                    and not {{ _is_built('views') }}
                    -- What dbt left where it was killed.
                    and not (views.relnamespace = namespaces.oid and views.relname like '%\_\_dbt\_%')
                )
        )
{%- endmacro -%}


{#
_is_built(classes)
classes  alias of pg_class
returns  a condition: dbt built the relation, as mark_built says with its own oid
#}
{%- macro _is_built(classes) -%}
coalesce(
                    starts_with(
                        obj_description({{ classes }}.oid, 'pg_class'),
                        format('prodshape: built by dbt, oid %s, ', {{ classes }}.oid)
                    ),
                    false
                )
{%- endmacro -%}
