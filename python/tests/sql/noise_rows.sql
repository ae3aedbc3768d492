select
    entity,
    metric,
    segment,
    label,
    bucket_index,
    noise
from shape.shape_noise
