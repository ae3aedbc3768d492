-- name: plan_describe
-- params: query: SQL of a dbt model
-- returns: what the model would; only described, never run

{query}
