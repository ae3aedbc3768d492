-- name: fid_lose_table
-- params: none
-- returns: nothing; a table of the generated schema is gone, as after a hand that slipped
drop table perf_synthetic.attachments cascade
