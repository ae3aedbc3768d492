-- name: export_table
-- params: none
-- returns: a stream of CSV with a header; a query, since COPY takes no partitioned table by name
copy (select * from {schema}.{table}) to stdout with (format csv, header)
