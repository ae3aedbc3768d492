{#
bucket_quantiles(series, buckets, probabilities, k)
series         CTE of the histograms: entity, metric, segment, unit, n_released and what else is kept
buckets        CTE of shape_buckets
probabilities  list of numbers
k              rows that must lie on either side
returns        a select of series' columns, probability and value: read off the published bucket where
               it ends, even on the logarithm; a bucket of one whole number is that number. Nothing
               but published figures is used
#}
{%- macro bucket_quantiles(series, buckets, probabilities, k) -%}
    select
        series.*,
        probability,
        case
            when placed.bucket_upper - placed.bucket_lower <= 1 then placed.bucket_lower
            when placed.bucket_lower > 0
                then placed.bucket_lower * power(
                    placed.bucket_upper / placed.bucket_lower,
                    (probability * series.n_released - placed.n_below) / placed.n_rows
                )
            else
                placed.bucket_upper
                * (probability * series.n_released - placed.n_below) / placed.n_rows
        end as value
    from {{ series }} as series
    cross join unnest({{ float_array(probabilities) }}) as probability
    inner join (
        select
            *,
            sum(n_rows) over (
                partition by entity, metric, segment order by bucket_lower
                rows between unbounded preceding and current row
            ) - n_rows as n_below
        from {{ buckets }}
    ) as placed
        on
            series.entity = placed.entity
            and series.metric = placed.metric
            and series.segment = placed.segment
            and probability * series.n_released > placed.n_below
            and probability * series.n_released <= placed.n_below + placed.n_rows
    where
        series.n_released * least(probability, 1 - probability) >= {{ k }}
        and placed.bucket_upper < 'Infinity'
{%- endmacro -%}
