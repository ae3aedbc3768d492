-- name: chi_square_quantile
-- params: p_z float8, standard normal quantile of the wanted probability; p_df float8, positive
-- returns: chi-square quantile, within 1 % for probabilities of 0.9 to 0.999
-- Wilson and Hilferty (1931): the cube root of a chi-square variable is almost normal.
-- Good enough for noise floors; p-values go through chi_square_sf.
create or replace function synth.chi_square_quantile(p_z float8, p_df float8)
returns float8
language sql
immutable strict parallel safe
as $$
    select p_df * power(1 - 2 / (9 * p_df) + p_z * sqrt(2 / (9 * p_df)), 3)
$$;
