{#
noisy_cells(relation, noise)
relation  int_cells of a differentially private release: exact rows of bounded contributions
noise     table of every cell of the public grid, with edges, noise and the variance that it is drawn
          with; `synth extract` fills it before a build and drops it after
returns   a select, one row per cell of the grid, where nobody is as well: rows_released are what is
          counted and the noise. Cells that are not in the grid are not in the result
#}
{%- macro noisy_cells(relation, noise) -%}
    select
        row_number() over (
            order by noise.entity, noise.metric, noise.segment, noise.label, noise.bucket_index
        ) as cell_number,
        noise.entity,
        noise.metric,
        noise.segment,
        noise.label,
        noise.bucket_index,
        noise.bucket_lower,
        noise.bucket_upper,
        noise.variance,
        cast(coalesce(counted.n_rows, 0) + noise.noise as float8) as rows_released
    from {{ noise }} as noise
    left join {{ relation }} as counted
        on
            noise.entity = counted.entity
            and noise.metric = counted.metric
            and noise.segment = counted.segment
            and coalesce(noise.label, '') = coalesce(counted.label, '')
            and coalesce(noise.bucket_index, 0) = coalesce(counted.bucket_index, 0)
{%- endmacro -%}
