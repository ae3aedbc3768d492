-- name: owned_baseline_rows
-- params: none
-- returns: entity text
select entity
from shape_baseline.shape_metrics
