-- name: shape_model_metrics
-- params: {schema} of the shape models, {model}: one of them
-- returns: entity, metric, kind text: what the model publishes

select distinct
    entity,
    metric,
    kind
from {schema}.{model}
