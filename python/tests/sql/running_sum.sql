-- name: running_sum
-- params: numbers float8[]
-- returns: one row: what the server adds up
select synth.running_sum(%(numbers)s::float8[]) as sums
