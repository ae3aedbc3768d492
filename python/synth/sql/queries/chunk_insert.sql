-- name: chunk_insert
-- params: run_id, stage text; chunk_no integer; n_rows, n_units bigint (its weight in
--         the progress)
-- returns: nothing; in the transaction of the chunk itself
insert into synth.chunk (run_id, stage, chunk_no, n_rows, n_units)
values (%(run_id)s, %(stage)s, %(chunk_no)s, %(n_rows)s, %(n_units)s)
