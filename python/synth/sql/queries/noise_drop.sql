-- name: noise_drop
-- params: {schema} of the shape models
-- returns: nothing; drops the table of the noise

drop table {schema}.shape_noise
