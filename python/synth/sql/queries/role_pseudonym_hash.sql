-- name: role_pseudonym_hash
-- params: the key's schema; value: an id as bigint; kind: what it identifies
-- returns: an expression, bigint: a keyed hash, quick and not cryptographic

hashint8extended({value}, (
        select seed # hashtextextended({kind}, 0) from {key_schema}.pseudonym_key
    ))
