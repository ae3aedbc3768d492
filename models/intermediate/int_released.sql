{%- set inside, private = is_inside(), is_private() -%}
{%- set variance = 'variance' if private else none -%}
{#- Sweeps over the margins: each leaves a smaller difference. -#}
{%- set n_sweeps = 8 -%}
with

cells as (

    {%- if private %}
    {{ noisy_cells(ref('int_cells'), adapter.quote(target.schema) ~ '.shape_noise') }}
    {%- else %}
    select
        *,
        row_number() over (order by entity, metric, segment, label, bucket_index) as cell_number
    from {{ ref('int_cells') }}
    {%- endif %}

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
{%- if private %}

noisy as (

    select * from cells

),

margins as (

    select * from {{ ref('margins') }}
    -- Counted by a bound of its own, so that it has another sum.
    where metric != 'hour_of_week'

),
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
{%- endif %}

-- What stands for the cell in a margin's name, and of which table the cell is.
named as (

    select
        *,
        case when segment = 'all' then metric else metric || ' of segments' end as table_name,
        split_part(segment, '.', 1) as type,
        case when metric = 'hour_of_week' then cast(label as integer) end as hour_of_week
    from noisy

),

tied as (

    select
        named.cell_number,
        named.entity,
        named.table_name as metric,
        {%- for slot in 'abcd' %}
        replace(replace(replace(replace(replace(replace(
            margins.margin_{{ slot }}, '{segment}', named.segment
        ), '{type}', named.type
        ), '{label}', coalesce(named.label, '')
        ), '{bucket}', coalesce(cast(named.bucket_index as text), '')
        ), '{hour}', coalesce(cast(named.hour_of_week % 24 as text), '')
        ), '{day}', coalesce(cast(named.hour_of_week / 24 + 1 as text), '')
        ) as margin_{{ slot }},
        {%- endfor %}
        {%- if private %}
        named.variance,
        {%- endif %}
        named.rows_released
    from named
    inner join margins
        on
            named.entity = margins.entity
            and named.metric = margins.metric
            and (named.segment = 'all') = coalesce(margins.segments = 'all', named.segment = 'all')
            and named.label is not distinct from coalesce(margins.label, named.label)

),

counted as (

    select
        cell_number,
        entity,
        metric,
        margin_a,
        margin_b,
        margin_c,
        margin_d,
        {%- for slot in 'abcd' %}
        cast(count(*) over (partition by entity, metric, margin_{{ slot }}) as float8) as n_{{ slot }},
        {%- endfor %}
        {%- if private %}
        variance,
        {%- endif %}
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
            margin_d,
            n_a,
            n_b,
            n_c,
            n_d,
            {%- if private %}
            variance,
            -- Cut at zero, noise of empty cells would add up: it is the sums that are cut.
            rows_released
            {%- else %}
            greatest(rows_released, 0)
            {%- endif %}
        from (
            {{ agreeing('(' ~ agreeing('(' ~ agreeing('(' ~ agreeing('sweeps', 'a', variance)
            ~ ') as by_a', 'b', variance) ~ ') as by_b', 'c', variance) ~ ') as by_c', 'd', variance) }}
        ) as by_d
        where sweep < {{ n_sweeps }}
    )

    select * from sweeps
    where sweep = {{ n_sweeps }}

),

final as (

    select
        {%- if private %}
        cells.entity,
        cells.metric,
        cells.segment,
        cells.label,
        cells.bucket_index,
        cells.bucket_lower,
        cells.bucket_upper,
        cast(coalesce(swept.rows_released, cells.rows_released) as numeric) as n_rows,
        cast(null as bigint) as people_sketch,
        cast(ceil(cells.variance) as bigint) as top_rows,
        {%- else %}
        cells.*,
        {%- endif %}
        coalesce(swept.rows_released, noisy.rows_released) as rows_released
    from cells
    inner join noisy on cells.cell_number = noisy.cell_number
    left join swept on cells.cell_number = swept.cell_number

)
{%- endif %}

select * from final
