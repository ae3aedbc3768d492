select
    entity,
    metric,
    segment,
    label,
    bucket_index,
    n_rows
from shape.int_cells
