-- name: shape_noise_drop
-- params: {schema} of the shape models
-- returns: nothing

drop table {schema}.shape_noise
