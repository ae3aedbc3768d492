-- name: place_table
-- params: {schema}, {table}
-- returns: nothing
create table if not exists {schema}.{table} (id bigint)
