{%- set inside = is_inside() -%}
{#- Sweeps over the margins: each leaves a smaller difference. -#}
{%- set n_sweeps = 8 -%}
with

cells as (

    select
        *,
        row_number() over (order by entity, metric, segment, label, bucket_index) as cell_number
    from {{ ref('int_cells') }}

),

{%- if not inside %}

-- Outside, every count is the synthetic database's own.
final as (

    select
        *,
        cast(n_rows as float8) as rows_released
    from cells

)
{%- else %}

noise as (

    select * from {{ ref('int_noise') }}

),

-- Cells of the same rows have the same key, so the same noise: comparing them tells nothing.
noisy as materialized (

    select
        cell_number,
        entity,
        metric,
        segment,
        label,
        bucket_index,
        cast(
            n_rows + {{ noise('noise', 'cast(cells.cell_key as text)', 'cells.n_rows') }} as float8
        ) as rows_released
    from cells

),

margins as (

    select * from {{ ref('margins') }}

),

tied as (

    select
        noisy.cell_number,
        noisy.entity,
        noisy.metric,
        {%- for slot in 'abc' %}
        replace(replace(replace(replace(
            margins.margin_{{ slot }}, '{segment}', noisy.segment
        ), '{type}', split_part(noisy.segment, '.', 1)
        ), '{label}', coalesce(noisy.label, '')
        ), '{bucket}', coalesce(cast(noisy.bucket_index as text), '')
        ) as margin_{{ slot }},
        {%- endfor %}
        noisy.rows_released
    from noisy
    inner join margins
        on
            noisy.entity = margins.entity
            and noisy.metric = margins.metric
            and noisy.label is not distinct from coalesce(margins.label, noisy.label)

),

counted as (

    select
        cell_number,
        entity,
        metric,
        margin_a,
        margin_b,
        margin_c,
        {%- for slot in 'abc' %}
        cast(count(*) over (partition by entity, metric, margin_{{ slot }}) as float8) as n_{{ slot }},
        {%- endfor %}
        rows_released
    from tied

),

swept as (

    with recursive sweeps as (
        select
            0 as sweep,
            *
        from counted

        union all

        select
            sweep + 1,
            cell_number,
            entity,
            metric,
            margin_a,
            margin_b,
            margin_c,
            n_a,
            n_b,
            n_c,
            greatest(rows_released, 0)
        from (
            {{ agreeing('(' ~ agreeing('(' ~ agreeing('sweeps', 'a') ~ ') as by_a', 'b')
            ~ ') as by_b', 'c') }}
        ) as by_c
        where sweep < {{ n_sweeps }}
    )

    select * from sweeps
    where sweep = {{ n_sweeps }}

),

final as (

    select
        cells.*,
        coalesce(swept.rows_released, noisy.rows_released) as rows_released
    from cells
    inner join noisy on cells.cell_number = noisy.cell_number
    left join swept on cells.cell_number = swept.cell_number

)
{%- endif %}

select * from final
