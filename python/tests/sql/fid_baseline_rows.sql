-- name: fid_baseline_rows
-- params: none
-- returns: nothing; the shape of this database becomes the baseline
insert into shape_baseline.shape_metrics
select
    entity,
    metric,
    segment,
    kind,
    label,
    bucket_lower,
    bucket_upper,
    value,
    unit,
    n_rows,
    n_people,
    is_suppressed
from shape.shape_metrics
