-- name: binned_variation
-- params: p_lowers, p_uppers float8[], bucket edges; p_weights float8[]
-- returns: coefficient of variation (standard deviation over mean), values at mid-bucket
create or replace function synth.binned_variation(
    p_lowers float8[], p_uppers float8[], p_weights float8[]
)
returns float8
language sql
immutable strict parallel safe
as $$
    with middles as (
        select
            bucket.weight,
            case
                when bucket.upper_edge = 'infinity' then bucket.lower_edge
                else (bucket.lower_edge + bucket.upper_edge) / 2
            end as middle
        from unnest(p_lowers, p_uppers, p_weights) as bucket (lower_edge, upper_edge, weight)
    ),

    moments as (
        select
            sum(weight * middle) / nullif(sum(weight), 0) as mean,
            sum(weight * middle * middle) / nullif(sum(weight), 0) as mean_square
        from middles
    )

    select sqrt(greatest(mean_square - mean * mean, 0)) / nullif(mean, 0) from moments
$$;
