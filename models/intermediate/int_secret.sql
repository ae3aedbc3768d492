{#- Made once and kept, so that a cell of the same rows has the same noise in every build. An
incremental model would need temporary tables, which a role that only reads may not make. -#}
{{ config(enabled=is_inside(), unlogged=false) }}
{%- set kept = load_relation(this) if execute else none -%}
with

-- Three random identifiers hold 366 random bits.
drawn as (

    select
        sha256(convert_to(
            concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8'
        )) as secret

),

final as (
    {%- if kept is not none %}

    select secret from {{ this }}

    union all

    select secret from drawn
    where not exists (select 1 from {{ this }})
    {%- else %}

    select secret from drawn
    {%- endif %}

)

select * from final
