-- name: shape_rows
-- params: {schema} of the shape models
-- returns: every row of shape_metrics

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
from {schema}.shape_metrics
order by entity, metric, kind, segment, label, bucket_lower
