-- name: kolmogorov_sf
-- params: p_x float8, sqrt(n) times the KS distance, at least 0
-- returns: two-sided asymptotic probability of a distance at least as large
-- Kolmogorov (1933): 2 sum (-1)^(k-1) exp(-2 k^2 x^2), which converges in a few terms for
-- large x; for small x the theta transform of the same series does.
create or replace function synth.kolmogorov_sf(p_x float8)
returns float8
language plpgsql
immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sum float8 := 0;
    v_power float8;
begin
    if p_x < 0 or p_x = 'NaN' then
        raise exception 'kolmogorov_sf: p_x must not be negative'
            using errcode = 'SY001', hint = 'Check the distance and the sample sizes.';
    end if;
    if p_x < 0.04 then
        return 1;
    elsif p_x > 19 then
        return 0;
    end if;
    if p_x < 1 then
        for v_k in 1..20 loop
            v_power := -power((2 * v_k - 1) * pi() / p_x, 2) / 8;
            exit when v_power < -700;
            v_sum := v_sum + exp(v_power);
        end loop;
        return 1 - sqrt(2 * pi()) / p_x * v_sum;
    end if;
    for v_k in 1..20 loop
        v_power := -2 * power(v_k * p_x, 2);
        exit when v_power < -745;
        v_sum := v_sum + case when v_k % 2 = 1 then 2 else -2 end * exp(v_power);
    end loop;
    return v_sum;
end
$$;
