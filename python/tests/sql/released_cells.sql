select * from shape.int_released
