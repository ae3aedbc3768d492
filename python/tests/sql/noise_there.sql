select to_regclass('shape.shape_noise') is not null as is_there
