-- name: chi_square_sf
-- params: p_statistic float8, at least 0; p_df float8, degrees of freedom, positive
-- returns: probability that a chi-square variable with p_df degrees exceeds p_statistic
create or replace function synth.chi_square_sf(p_statistic float8, p_df float8)
returns float8
language sql
immutable strict parallel safe
as $$
    select synth.gamma_q(p_df / 2, p_statistic / 2)
$$;
