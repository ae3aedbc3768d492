create table shape.shape_noise as select 1 as kept
