-- name: validate_reference
-- params: {schema}, {table}, {constraint} a foreign key that was added without a check
-- returns: nothing; checks the rows, under a lock that lets other tables' checks run beside it
alter table {schema}.{table} validate constraint {constraint}
