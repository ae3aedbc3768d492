{#
fid_headline_verdict(model, accepted)
model     fid_verdict
accepted  headline verdicts that are good enough
returns   the verdict when it is not, and a row when there is none: nothing seen, nothing proved
#}
{%- test fid_headline_verdict(model, accepted) -%}

with

verdicts as (

    select * from {{ model }}

),

final as (

    select
        coalesce(verdicts.headline_verdict, 'none') as headline_verdict,
        verdicts.headline_passed,
        verdicts.headline_total
    from (select 1 as one_row) as wanted
    left join verdicts on true
    where coalesce(verdicts.headline_verdict, 'none') not in ('{{ accepted | join("', '") }}')

)

select * from final

{%- endtest -%}
