-- name: fid_baseline_forget
-- params: none
-- returns: nothing; the figures of the baseline go
delete from shape_baseline.shape_metrics
