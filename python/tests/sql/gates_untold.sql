drop table shape.shape_build
