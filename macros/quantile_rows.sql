{#
quantile_rows(relation, keys, grid)
relation  CTE with the keys, value float8, n_rows and people_sketch; one row per distinct value
keys      columns that tell one distribution from another
grid      probabilities, each in (0, 1)
returns   select of keys, probability float8, value float8, n_rows bigint (of the distribution),
          people_sketch_above bigint (people with that value or a larger one). The value is what
          percentile_cont gives on the rows themselves, from counts: nothing is sorted twice
raises    compiler error when grid is empty or leaves (0, 1)
#}
{%- macro quantile_rows(relation, keys, grid) -%}
{%- for p in grid if p <= 0 or p >= 1 -%}
    {{ exceptions.raise_compiler_error("quantile_rows: expected probabilities in (0, 1), got " ~ p) }}
{%- endfor -%}
{%- if not grid -%}
    {{ exceptions.raise_compiler_error("quantile_rows: expected a probability, got none") }}
{%- endif -%}
{%- set by_key = keys | join(', ') -%}
    select
        {{ by_key }},
        probability,
        min(value) filter (where n_below + n_rows > floor(rank))
        + (rank - floor(rank)) * (
            min(value) filter (where n_below + n_rows > ceil(rank))
            - min(value) filter (where n_below + n_rows > floor(rank))
        ) as value,
        n_total as n_rows,
        (array_agg(people_sketch_above order by value)
            filter (where n_below + n_rows > ceil(rank)))[1] as people_sketch_above
    from (
        select
            {{ by_key }},
            value,
            n_rows,
            cast(sum(n_rows) over ascending as bigint) - n_rows as n_below,
            cast(sum(n_rows) over (partition by {{ by_key }}) as bigint) as n_total,
            bit_or(people_sketch) over descending as people_sketch_above
        from {{ relation }}
        window
            ascending as (partition by {{ by_key }} order by value),
            descending as (partition by {{ by_key }} order by value desc)
    ) as counted
    cross join unnest({{ float_array(grid) }}) as probability
    cross join lateral (select probability * (n_total - 1) as rank) as ranks
    -- The one or two values between which the quantile lies.
    where n_below + n_rows > floor(rank) and n_below <= ceil(rank)
    group by {{ by_key }}, probability, rank, n_total
{%- endmacro -%}
