-- name: plan_query
-- params: query: SQL of a dbt model
-- returns: the planner's idea of it as JSON; nothing runs

explain (verbose, format json) {query}
