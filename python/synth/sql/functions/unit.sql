-- name: synth.unit
-- returns: a hash as a number uniform on [0, 1), from its upper 53 bits
create or replace function synth.unit(p_hash bigint)
returns float8
language sql
immutable
strict
parallel safe
return ((p_hash >> 11)::float8 * '1.1102230246251565e-16'::float8) + 0.5::float8;
