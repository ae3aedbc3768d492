-- name: chunk_insert
-- params: run_id, stage text; chunk_no integer; n_rows bigint
-- returns: nothing; in the transaction of the chunk itself
insert into synth.chunk (run_id, stage, chunk_no, n_rows)
values (%(run_id)s, %(stage)s, %(chunk_no)s, %(n_rows)s)
