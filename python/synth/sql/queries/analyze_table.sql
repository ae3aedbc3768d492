-- name: analyze_table
-- params: none
-- returns: nothing
analyze {schema}.{table}
