-- name: owned_baseline_old
-- params: none
-- returns: nothing; the imported pack is past its date
update shape_baseline.pack_meta set retention_until = date '2020-01-01'
