{{ config(enabled=not is_private()) }}
{%- set inside = is_inside() -%}
with

columns as (

    select * from {{ ref('int_column_statistics') }}

),
{%- if inside %}

noise as (

    select * from {{ ref('int_noise') }}

),
{%- endif %}

figures as (

    select
        'column_distinct' as metric,
        entity,
        label,
        n_values / n_rows as figure,
        'share' as unit,
        n_rows,
        n_people
    from columns
    where label != 'sent_at' and is_covered

    union all

    select
        'heap_correlation' as metric,
        entity,
        label,
        heap_correlation as figure,
        'coefficient' as unit,
        n_rows,
        n_people
    from columns
    where entity in ('messages', 'read_receipts', 'attachments')

    union all

    select
        'common_share' as metric,
        entity,
        label,
        common_share as figure,
        'share' as unit,
        n_rows,
        n_people
    from columns
    where is_reference and is_covered{{ ' and is_common_supported' if inside }}

),

-- A figure of so many rows, moved by as many of them as noise moves a count.
moved as (

    select
        *,
        {%- if inside %}
        case
            when figure = 0 then figure
            else figure + {{ noise(
                'noise',
                "concat_ws(' ', figures.entity, figures.metric, figures.label, figures.figure, "
                ~ "figures.n_rows)",
                'cast(figures.n_rows as bigint)'
            ) }} / n_rows
        end as value
        {%- else %}
        figure as value
        {%- endif %}
    from figures

),

final as (

    select
        entity,
        metric,
        'all' as segment,
        'scalar' as kind,
        label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        cast(greatest(
            least(value, 1), case when unit = 'coefficient' then -1 else 0 end
        ) as float8) as value,
        unit,
        cast(round(n_rows) as bigint) as n_rows,
        n_people,
        cast(null as float8) as top_share,
        false as is_suppressed
    from moved
    where value is not null

)

select * from final
