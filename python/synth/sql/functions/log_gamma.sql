-- name: log_gamma
-- params: p_x float8, positive
-- returns: natural logarithm of the gamma function
-- Stirling's series after shifting the argument above 15, where seven terms are exact to the
-- last bit. PostgreSQL has lgamma() from 18 on; this serves 14 to 17 too.
create or replace function synth.log_gamma(p_x float8)
returns float8
language plpgsql
immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_x float8 := p_x;
    v_product float8 := 1;
    v_inverse float8;
    v_square float8;
begin
    if p_x <= 0 or p_x = 'NaN' then
        raise exception 'log_gamma: p_x must be positive'
            using errcode = 'SY001', hint = 'Check the degrees of freedom of the caller.';
    end if;
    while v_x < 15 loop
        v_product := v_product * v_x;
        v_x := v_x + 1;
    end loop;
    v_inverse := 1 / v_x;
    -- 1e150 squared is the largest float8 can hold; the series is zero long before.
    v_square := case when v_x < 1e100 then v_inverse * v_inverse else 0 end;
    return (v_x - 0.5) * ln(v_x) - v_x + 0.918938533204672741780329736406
        + v_inverse * (1.0 / 12 - v_square * (1.0 / 360 - v_square * (1.0 / 1260
            - v_square * (1.0 / 1680 - v_square * (1.0 / 1188 - v_square * (691.0 / 360360
                - v_square / 156))))))
        - ln(v_product);
end
$$;
