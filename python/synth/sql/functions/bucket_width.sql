-- name: bucket_width
-- params: p_lowers, p_uppers float8[], bucket edges; p_x float8
-- returns: width of the widest bucket that holds p_x or ends at it
create or replace function synth.bucket_width(
    p_lowers float8[], p_uppers float8[], p_x float8
)
returns float8
language sql
immutable strict parallel safe
as $$
    select max(bucket.upper_edge - bucket.lower_edge)
    from unnest(p_lowers, p_uppers) as bucket (lower_edge, upper_edge)
    where bucket.lower_edge <= p_x and p_x <= bucket.upper_edge
$$;
