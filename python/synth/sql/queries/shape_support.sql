-- name: shape_support
-- params: {schema} of the shape models
-- returns: top_share float8 of every row of shape_metrics, in the order of shape_rows; null where
--          the models do not measure it

select (to_jsonb(shape) ->> 'top_share')::float8 as top_share
from {schema}.shape_metrics as shape
order by
    shape.entity, shape.metric, shape.kind, shape.segment, shape.label, shape.bucket_lower
