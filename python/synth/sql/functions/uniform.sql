-- name: synth.uniform
-- returns: the draw of one stream for one key, uniform on [0, 1)
-- A pure function of its arguments, so no worker, chunk or order can change a row. The 64-bit
-- key goes in as the seed because hashint8extended folds its first argument to 32 bits.
create or replace function synth.uniform(p_stream bigint, p_key bigint)
returns float8
language sql
immutable
strict
parallel safe
return ((hashint8extended(p_stream, p_key) >> 11)::float8 * '1.1102230246251565e-16'::float8) + 0.5::float8;
