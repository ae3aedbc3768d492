-- name: attack_cells
-- params: none
-- returns: entity, metric, segment, label, bucket_lower, n_rows, rows_released, cell_key: cells of the
--          shape in {schema}, exact and released
select
    entity,
    metric,
    segment,
    label,
    bucket_lower,
    n_rows,
    rows_released,
    cast(cell_key as text) as cell_key
from {schema}.int_released
