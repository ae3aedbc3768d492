-- name: chunk_list
-- params: run_id text
-- returns: stage, chunk_no, n_rows of every finished chunk
select stage, chunk_no, n_rows
from synth.chunk
where run_id = %(run_id)s
