-- name: noise_schema
-- params: {schema} of the shape models, which is not there
-- returns: nothing; marks it as the boundary's, as macro assert_own_schema does

create schema {schema};
comment on schema {schema} is 'prodshape: the shape'
