-- name: ids_uuid4
-- params: {salt} bigint literal, from the seed
-- returns: nothing; makes as_id(kind, number), see ids_bigint: a version 4 uuid from two draws
-- The masks put in version and variant (RFC 9562, 5.4).
create function {work}.as_id(p_kind integer, p_number bigint)
returns uuid
language sql
immutable
parallel safe
return (
    lpad(
        to_hex((hashint8extended(200 + p_kind, p_number # {salt}::bigint) & -61441) | 16384),
        16,
        '0'
    )
    || to_hex(
        (hashint8extended(210 + p_kind, p_number # {salt}::bigint) & 4611686018427387903)
        | '-9223372036854775808'::bigint
    )
)::uuid
