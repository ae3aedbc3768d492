-- name: binned_quantile
-- params: p_lowers, p_uppers float8[], bucket edges in order; p_weights float8[]; p_share float8
-- returns: value below which p_share of the weight lies, linear within a bucket
create or replace function synth.binned_quantile(
    p_lowers float8[], p_uppers float8[], p_weights float8[], p_share float8
)
returns float8
language plpgsql
immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_wanted float8;
    v_below float8 := 0;
    v_last float8;
    v_weight float8;
begin
    select sum(weight) into v_wanted from unnest(p_weights) as weight;
    v_wanted := v_wanted * least(greatest(p_share, 0), 1);
    for v_i in 1..cardinality(p_weights) loop
        v_weight := p_weights[v_i];
        continue when v_weight <= 0;
        -- An open bucket has no upper edge to interpolate to.
        v_last := case
            when p_uppers[v_i] = 'infinity' then p_lowers[v_i] else p_uppers[v_i]
        end;
        if v_below + v_weight >= v_wanted then
            return p_lowers[v_i] + (v_last - p_lowers[v_i]) * (v_wanted - v_below) / v_weight;
        end if;
        v_below := v_below + v_weight;
    end loop;
    return v_last;
end
$$;
