-- name: ledger_parameters
-- params: none
-- returns: nothing; lets a ledger that was made before there were release rules hold their
--   parameters. Its rows stay as they are, and so does the chain: exact counts have none.

alter table prodshape_ledger.release
add column if not exists parameters jsonb
constraint is_rule check (
    jsonb_typeof(parameters) = 'object' and octet_length(parameters::text) < 4096
)
