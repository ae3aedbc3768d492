{#- Made once and kept, so that a cell of the same rows has the same noise in every build. -#}
{{ config(
    enabled=is_inside(), materialized='incremental', full_refresh=false, unlogged=false
) }}
with

-- Three random identifiers hold 366 random bits.
final as (

    select
        sha256(convert_to(
            concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8'
        )) as secret
    {%- if is_incremental() %}
    where not exists (select 1 from {{ this }})
    {%- endif %}

)

select * from final
