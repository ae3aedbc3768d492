{#
tell_gates(results)
results  what dbt did, as on-run-end has it
returns  statements that keep in shape_build of the shape's schema which gates the project has (on a
         boundary target every data test, elsewhere those of severity error), which of them did not
         run and pass in this run, and which relations the project builds; the same is said in one
         line, printed as a warning where a build or a test on a boundary target lacks a gate

Flags of a plain dbt decide what it runs: they cannot be forbidden, so their effect is told, and
`synth extract` takes a shape only where this table says that its own build had every gate.
#}
{%- macro tell_gates(results) -%}
{#- Compiling renders the hooks, too, and runs nothing. -#}
{%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot', 'retry') -%}
{%- set is_inside = target.name in var('boundary_targets') -%}
{%- set result_of = {} -%}
{%- for result in results -%}
    {%- do result_of.update({result.node.unique_id: result}) -%}
{%- endfor -%}
{%- set gates = [] -%}
{%- set lacking = [] -%}
{%- set relations = [] -%}
{%- for id, node in graph.nodes.items() -%}
    {#- A test of a disabled relation stays in the graph. -#}
    {%- if node.resource_type == 'test' and node.config.enabled
        and (is_inside or node.config.severity | lower == 'error') -%}
        {%- do gates.append(node.name) -%}
        {%- set state = gate_state(node, result_of.get(id), is_inside) -%}
        {%- if state -%}
            {%- do lacking.append(node.name ~ ' (' ~ state ~ ')') -%}
        {%- endif -%}
    {%- elif node.resource_type == 'seed'
        or (node.resource_type == 'model' and node.config.materialized != 'ephemeral') -%}
        {%- do relations.append(node.alias) -%}
    {%- endif -%}
{%- endfor -%}
{%- if lacking or not gates -%}
    {%- set named = (lacking | sort)[:5] | join(', ') ~ (', ...' if lacking | length > 5 else '') -%}
    {%- set line = 'gates: ' ~ lacking | length ~ ' of ' ~ gates | length ~ ' did not run and pass'
        ~ (': ' ~ named if lacking | length < gates | length) -%}
    {%- if is_inside and flags.WHICH in ('build', 'test') -%}
        {#- --quiet hides warnings, not what is printed. -#}
        {%- set line = line ~ '; nothing of this shape may leave' -%}
        {%- do print(line) if flags.QUIET else exceptions.warn(line) -%}
    {%- else -%}
        {%- do log(line, info=true) -%}
    {%- endif -%}
{%- else -%}
    {%- do log('gates: all ' ~ gates | length ~ ' ran and passed', info=true) -%}
{%- endif -%}
{%- set table = adapter.quote(target.schema) ~ '.shape_build' -%}
create table if not exists {{ table }} (
    target_name text primary key,
    invocation_id text not null,
    built_at timestamptz not null,
    gates text[] not null,
    lacking text[] not null,
    relations text[] not null
);

comment on table {{ table }} is 'One row per target: what the last dbt run in this schema did.';

insert into {{ table }} (target_name, invocation_id, built_at, gates, lacking, relations)
values (
    '{{ target.name | replace("'", "''") }}',
    '{{ invocation_id }}',
    statement_timestamp(),
    {{ text_array(gates) }},
    {{ text_array(lacking) }},
    {{ text_array(relations) }}
)
on conflict (target_name) do update set
    invocation_id = excluded.invocation_id,
    built_at = excluded.built_at,
    gates = excluded.gates,
    lacking = excluded.lacking,
    relations = excluded.relations
{%- endif -%}
{%- endmacro -%}
