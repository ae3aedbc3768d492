-- name: checksum_table
-- params: none
-- returns: n_rows bigint, checksum text: the same for any order of the rows
-- Exclusive or sees a changed row, the sums a doubled pair of rows.
select
    count(*) as n_rows,
    encode(
        int8send(coalesce(bit_xor(row_hash), 0))
        || int8send(coalesce(sum(row_hash & 4294967295), 0)::bigint)
        || int8send(coalesce(sum((row_hash >> 32) & 4294967295), 0)::bigint),
        'hex'
    ) as checksum
from (
    select hashtextextended(t::text collate "C", 0) as row_hash
    from {schema}.{table} as t
    offset 0
) as hashed
