select * from shape.shape_metrics
