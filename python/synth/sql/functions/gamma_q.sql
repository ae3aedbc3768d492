-- name: gamma_q
-- params: p_a float8, shape, positive; p_x float8, at least 0
-- returns: regularised upper incomplete gamma function Q(a, x)
-- Numerical Recipes (2007), 6.2: power series below a + 1, Lentz' continued fraction above.
-- The factor x^a e^-x / Gamma(a) is put together in logarithms and through Stirling's
-- correction for large a, since a ln(x) - x - lgamma(a) loses its digits there, and since
-- PostgreSQL raises an error where float8 underflows.
create or replace function synth.gamma_q(p_a float8, p_x float8)
returns float8
language plpgsql
immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    c_epsilon constant float8 := 1e-16;
    c_tiny constant float8 := 1e-290;
    v_log_factor float8;
    v_log_result float8;
    v_term float8;
    v_sum float8;
    v_n float8;
    v_b float8;
    v_c float8;
    v_d float8;
    v_delta float8;
begin
    if p_a <= 0 or p_x < 0 or p_a = 'NaN' or p_x = 'NaN' then
        raise exception 'gamma_q: needs p_a > 0 and p_x >= 0'
            using errcode = 'SY001', hint = 'Check the statistic and its degrees of freedom.';
    end if;
    if p_x = 0 then
        return 1;
    end if;
    if p_x > 1e8 * (1 + p_a) then
        return 0;
    end if;
    if p_a < 20 then
        v_log_factor := p_a * ln(p_x) - p_x - synth.log_gamma(p_a);
    else
        v_log_factor := p_a * (ln(p_x / p_a) - (p_x - p_a) / p_a)
            + 0.5 * (ln(p_a) - 1.837877066409345483560659472811)
            - (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / p_a / p_a)
                / p_a / p_a) / p_a / p_a) / p_a / p_a) / p_a;
    end if;

    if p_x < p_a + 1 then
        v_n := p_a;
        v_term := 1 / p_a;
        v_sum := v_term;
        while v_term > v_sum * c_epsilon loop
            v_n := v_n + 1;
            v_term := v_term * p_x / v_n;
            v_sum := v_sum + v_term;
        end loop;
        v_log_result := v_log_factor + ln(v_sum);
        return case when v_log_result < -700 then 1 else 1 - exp(v_log_result) end;
    end if;

    v_b := p_x + 1 - p_a;
    v_c := 1 / c_tiny;
    v_d := 1 / v_b;
    v_sum := v_d;
    v_n := 0;
    loop
        v_n := v_n + 1;
        v_term := v_n * (p_a - v_n);
        v_b := v_b + 2;
        v_d := v_term * v_d + v_b;
        v_d := 1 / case when abs(v_d) < c_tiny then c_tiny else v_d end;
        v_c := v_b + v_term / v_c;
        v_c := case when abs(v_c) < c_tiny then c_tiny else v_c end;
        v_delta := v_c * v_d;
        v_sum := v_sum * v_delta;
        exit when abs(v_delta - 1) < 1e-15 or v_n >= 1e6;
    end loop;
    v_log_result := v_log_factor + ln(v_sum);
    -- exp() of less than -745 underflows, which PostgreSQL reports as an error.
    return case when v_log_result < -745 then 0 else least(exp(v_log_result), 1) end;
end
$$;
