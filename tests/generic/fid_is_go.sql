{#
fid_is_go(model)
model    fid_verdict
returns  the counts when the verdict is NO-GO, and a row when there is no verdict
#}
{%- test fid_is_go(model) -%}

with

verdicts as (

    select * from {{ model }}

),

final as (

    select
        verdicts.headline_verdict,
        verdicts.n_pass,
        verdicts.n_warn,
        verdicts.n_fail,
        verdicts.n_critical
    from (select 1 as one_row) as wanted
    left join verdicts on true
    where not coalesce(verdicts.is_go, false)

)

select * from final

{%- endtest -%}
