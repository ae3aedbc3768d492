{#
assert_generated(schema, verb, selected)
schema    of the synthetic tables
verb      what dbt was asked to do
selected  unique ids of what it is about to build or test
returns   nothing
raises    compiler error in one line when that needs synthetic tables that are not there (no run
          has made them, or one was dropped since), a baseline that was never imported, or checks
          that were never built; before any model fails with a message of the database's
#}
{%- macro assert_generated(schema, verb, selected) -%}
{%- set needs = {'tables': [], 'baseline': [], 'checks': []} -%}
{%- for id in selected -%}
    {%- if verb in ('build', 'run') and id.startswith('model.' ~ project_name ~ '.stg_') -%}
        {%- do needs.tables.append(id) -%}
    {%- elif verb == 'test' and id.startswith('test.' ~ project_name ~ '.layout_') -%}
        {%- do needs.tables.append(id) -%}
    {%- elif verb in ('build', 'run') and id.startswith('model.' ~ project_name ~ '.fid_') -%}
        {%- do needs.baseline.append(id) -%}
    {%- elif verb == 'test' and id.startswith('test.' ~ project_name ~ '.fidelity_') -%}
        {%- do needs.checks.append(id) -%}
    {%- endif -%}
{%- endfor -%}
{%- set query -%}
    select
        string_agg(name.relation, ', ' order by name.position)
            filter (where to_regclass(format('%I.%I', '{{ schema | replace("'", "''") }}', name.relation)) is null)
            as absent,
        count(to_regclass(format('%I.%I', '{{ schema | replace("'", "''") }}', name.relation))) as n_present,
        to_regclass('shape_baseline.pack_meta') is not null as has_baseline,
        to_regclass(format('%I.fid_verdict', '{{ target.schema | replace("'", "''") }}')) is not null as has_verdict
    from unnest(array[
        'users', 'conversations', 'conversation_users', 'messages', 'attachments', 'message_reads'
    ]) with ordinality as name (relation, position)
{%- endset -%}
{%- if needs.tables or needs.baseline or needs.checks -%}
    {%- set found = run_query(query).rows[0] -%}
    {%- if needs.tables and found['n_present'] == 0 -%}
        {{ exceptions.raise_compiler_error(
            "schema " ~ schema ~ " holds no synthetic tables; run `synth generate` first"
        ) }}
    {%- elif needs.tables and found['absent'] -%}
        {{ exceptions.raise_compiler_error(
            "schema " ~ schema ~ " lacks " ~ found['absent']
            ~ ", which every run makes; make the tables anew: synth generate --replace"
        ) }}
    {%- elif needs.baseline and not found['has_baseline'] -%}
        {{ exceptions.raise_compiler_error(
            "no baseline to compare with; run `synth import PACK` first, or leave the checks out: "
            ~ "--exclude fidelity"
        ) }}
    {%- elif needs.checks and not found['has_verdict'] -%}
        {{ exceptions.raise_compiler_error(
            "no checks to test; run `dbt build --target " ~ target.name ~ "` first"
        ) }}
    {%- endif -%}
{%- endif -%}
{%- endmacro -%}
