-- name: role_pseudonym_hash
-- params: value: an id as bigint; kind: what it identifies; key is a row of the key's table
-- returns: an expression, bigint: a keyed hash, quick and not cryptographic

hashint8extended({value}, key.seed # hashtextextended({kind}, 0))
