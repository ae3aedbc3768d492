-- name: fid_cell_rows
-- params: none; schema is the target's
-- returns: what both sides publish but the joint classes, edges as JSON can hold them
select
    side,
    entity,
    metric,
    segment,
    kind,
    nullif(label, '') as label,
    bucket_lower,
    nullif(bucket_upper, 'infinity') as bucket_upper,
    value,
    n_rows,
    unit,
    is_suppressed
from {schema}.fid_cells
where size_lower is null and senders_lower is null and tempo_lower is null
order by side, entity, metric, segment, kind, bucket_lower, label
