-- name: role_pseudonym_sha256
-- params: the key's schema; value: an id as bigint; kind: what it identifies
-- returns: an expression, bigint: the first 64 bits of SHA-256(key, kind, id)

cast(cast('x' || encode(substr(sha256((
        select secret || {kind}::bytea from {key_schema}.pseudonym_key
    ) || int8send({value})), 1, 8), 'hex') as bit(64)) as bigint)
