select
    metric,
    segment,
    value,
    cast(n_rows as bigint) as n_rows
from shape.int_values
order by metric, segment, value
