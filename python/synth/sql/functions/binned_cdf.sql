-- name: binned_cdf
-- params: p_lowers, p_uppers float8[], bucket edges in order; p_weights float8[]; p_x float8
-- returns: weight below p_x; a bucket that p_x cuts gives its part in proportion
create or replace function synth.binned_cdf(
    p_lowers float8[], p_uppers float8[], p_weights float8[], p_x float8
)
returns float8
language sql
immutable strict parallel safe
as $$
    select coalesce(sum(
        case
            when bucket.upper_edge <= p_x then bucket.weight
            when bucket.lower_edge >= p_x then 0
            -- An open bucket has no width to be split by: it lies above any finite edge.
            when bucket.upper_edge = 'infinity' then 0
            else bucket.weight * (p_x - bucket.lower_edge)
                / (bucket.upper_edge - bucket.lower_edge)
        end
    ), 0)
    from unnest(p_lowers, p_uppers, p_weights) as bucket (lower_edge, upper_edge, weight)
$$;
