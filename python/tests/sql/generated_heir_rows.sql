-- name: generated_heir_rows
-- params: none
-- returns: n_rows bigint
select count(*) as n_rows from heir.staff
