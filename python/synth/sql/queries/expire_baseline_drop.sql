-- name: expire_baseline_drop
-- params: none
-- returns: nothing; drops the baseline's tables and dbt's views on them

drop table if exists shape_baseline.shape_metrics, shape_baseline.pack_meta cascade
