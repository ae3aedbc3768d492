select
    entity,
    metric,
    segment,
    label,
    bucket_index,
    n_rows,
    cell_key
from shape.int_cells
