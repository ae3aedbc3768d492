select
    entity,
    metric,
    segment,
    label,
    bucket_index,
    bucket_lower,
    bucket_upper,
    variance,
    noise
from shape.shape_noise
