select note from shape.shape_metrics
