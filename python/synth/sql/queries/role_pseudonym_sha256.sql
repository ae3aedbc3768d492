-- name: role_pseudonym_sha256
-- params: value: an id as bigint; kind: what it identifies; key is a row of the key's table
-- returns: an expression, bigint: the first 64 bits of SHA-256(key, kind, id)

cast(cast('x' || encode(substr(sha256(
        key.secret || {kind}::bytea || int8send({value})
    ), 1, 8), 'hex') as bit(64)) as bigint)
