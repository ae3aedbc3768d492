drop table shape.shape_totals cascade
